import CEngram
import Datasets
import SampleOrder
import Samples
import SeededRandom
import Storage
import TestStores
import Testing

@Suite struct DatasetCallTests {
  private let store: OpenStore

  init() throws { store = try OpenStore() }

  private func read(_ dataset: engram_dataset, _ numbers: [Int64]) throws -> [[UInt8]] {
    var sizes = [UInt64](repeating: 0, count: numbers.count)
    try check(engram_dataset_sizes(dataset, numbers, numbers.count, &sizes))
    var offsets = [UInt64](repeating: 99, count: numbers.count + 1)
    var out = [UInt8](repeating: 0, count: Int(sizes.reduce(0, +)))
    try check(
      engram_dataset_read(dataset, numbers, numbers.count, &out, out.count, &offsets))
    return numbers.indices.map { index in
      #expect(offsets[index + 1] - offsets[index] == sizes[index])
      return Array(out[Int(offsets[index])..<Int(offsets[index + 1])])
    }
  }

  @Test func samplesAreThoseThatWerePutIn() throws {
    let dataset = try store.dataset("bytes")
    var info = engram_dataset_info()
    try check(engram_dataset_get_info(dataset, &info))
    #expect(info.samples == 300 && info.kind == ENGRAM_BYTES && info.version == 1)
    var generator = SeededGenerator(seed: 3)
    let numbers = (0..<200).map { _ in Int64.random(in: 0..<300, using: &generator) } + [0, 0, 299]
    #expect(try read(dataset, numbers) == numbers.map { ServedStore.bytes(of: Int($0)) })
    #expect(try read(dataset, []) == [])
    let manifest = try json { engram_dataset_describe(dataset, $0) }
    #expect(manifest["samples"] as? Int == 300)

    let tokens = try store.dataset("tokens@1")
    try check(engram_dataset_get_info(tokens, &info))
    #expect(info.kind == ENGRAM_TOKENS && info.token_width == 2 && info.has_boundaries == 1)
    let sample = try read(tokens, [8])[0]
    let ids = ServedStore.tokens(of: 8)
    #expect(
      sample.prefix(2 * ids.count).elementsEqual(ids.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }))
  }

  @Test func aSmallBufferIsToldWhatIsNeeded() throws {
    let dataset = try store.dataset("bytes")
    let numbers: [Int64] = [1, 2, 3]
    let needed = numbers.reduce(0) { $0 + ServedStore.bytes(of: Int($1)).count }
    var offsets = [UInt64](repeating: 0, count: 4)
    var out = [UInt8](repeating: 9, count: needed - 1)
    #expect(
      engram_dataset_read(dataset, numbers, 3, &out, needed - 1, &offsets) == ENGRAM_TOO_SMALL)
    #expect(Int(offsets[3]) == needed)
    #expect(engram_dataset_read(dataset, numbers, 3, nil, 0, &offsets) == ENGRAM_TOO_SMALL)
    #expect(engram_dataset_read(dataset, [300], 1, &out, 10, &offsets) == ENGRAM_OUT_OF_RANGE)
    #expect(engram_dataset_read(dataset, [-1], 1, &out, 10, &offsets) == ENGRAM_OUT_OF_RANGE)
    #expect(engram_dataset_read(dataset, [0], 1, &out, 10, nil) == ENGRAM_INVALID)
  }

  @Test(arguments: [EpochOrder.Kind.sequential, .global, .chunked(window: 2)])
  func positionsAreThoseOfTheOrder(kind: EpochOrder.Kind) throws {
    let handle = try store.dataset("bytes")
    let dataset = try Dataset(
      DatasetReference(name: "bytes"), in: Store(path: store.made.path, mode: .reading))
    let number: Int
    switch kind {
    case .sequential: number = ENGRAM_SEQUENTIAL
    case .global: number = ENGRAM_GLOBAL
    case .chunked: number = ENGRAM_CHUNKED
    }
    for (seed, epoch) in [(UInt64(7), Int64(0)), (7, 1), (9, 0), (7, 0)] {
      let order = try dataset.order(kind, seed: seed, epoch: Int(epoch))
      var all = [Int64](repeating: -1, count: 300)
      try check(engram_dataset_order(handle, Int32(number), 2, seed, epoch, 0, 1, 300, &all))
      #expect(all == (0..<300).map { Int64(order[$0]) })
      var some = [Int64](repeating: -1, count: 43)
      try check(engram_dataset_order(handle, Int32(number), 2, seed, epoch, 4, 7, 43, &some))
      #expect(some == stride(from: 4, to: 300, by: 7).map { all[$0] })
      #expect(
        engram_dataset_order(handle, Int32(number), 2, seed, epoch, 5, 7, 44, &all)
          == ENGRAM_OUT_OF_RANGE)
    }
    var one: Int64 = 0
    for (first, step, count) in [(-1, 1, 1), (300, 1, 1), (0, .max, 2), (.max, 1, 1)]
      as [(Int64, Int64, Int)]
    {
      #expect(
        engram_dataset_order(handle, Int32(number), 2, 7, 0, first, step, count, &one)
          == ENGRAM_OUT_OF_RANGE)
    }
    #expect(engram_dataset_order(handle, Int32(number), 2, 7, 0, 0, 0, 1, &one) == ENGRAM_INVALID)
    #expect(engram_dataset_order(handle, Int32(number), 2, 7, -1, 0, 1, 1, &one) == ENGRAM_INVALID)
    #expect(engram_dataset_order(handle, 3, 2, 7, 0, 0, 1, 1, &one) == ENGRAM_INVALID)
    #expect(engram_dataset_order(handle, 2, 0, 7, 0, 0, 1, 1, &one) == ENGRAM_INVALID)
  }

  @Test func mixturesAreThoseOfTheRule() throws {
    var mixture: engram_mixture = 0
    try check(engram_mixture_open([1000, 50], [0.9, 0.1], 2, 7, 0, &mixture))
    let rule = try Mixture(counts: [1000, 50], weights: [0.9, 0.1], seed: 7)
    for (first, step, count) in [(0, 1, 500), (65_000, 1, 1000), (3, 8, 100)] as [(Int, Int, Int)] {
      var datasets = [Int64](repeating: -1, count: count)
      var epochs = datasets
      var positions = datasets
      try check(
        engram_mixture_draw(
          mixture, Int64(first), Int64(step), count, &datasets, &epochs, &positions))
      for index in 0..<count {
        let draw = rule[first + index * step]
        #expect(datasets[index] == draw.dataset)
        #expect(epochs[index] == draw.epoch && positions[index] == draw.position)
      }
    }
    var (dataset, epoch, position): (Int64, Int64, Int64) = (0, 0, 0)
    for (first, step, count) in [(-1, 1, 1), (0, 0, 1), (1 << 62, 1, 1), (0, .max, 2)]
      as [(Int64, Int64, Int)]
    {
      #expect(
        engram_mixture_draw(mixture, first, step, count, &dataset, &epoch, &position)
          == ENGRAM_OUT_OF_RANGE)
    }
    #expect(engram_mixture_open([-1], [1], 1, 7, 0, &mixture) == ENGRAM_INVALID)
    #expect(engram_mixture_open([1], [.nan], 1, 7, 0, &mixture) == ENGRAM_INVALID)
    #expect(engram_mixture_open(nil, nil, 0, 7, 0, &mixture) == ENGRAM_INVALID)
    try check(engram_mixture_close(mixture))
  }
}
