import Files
import Samples
import SeededRandom
import TestCheckpoints
import Testing

@testable import Corpora

/// Megatron-LM's pairs of files: both ways, and damaged.
@Suite struct BinaryMegatronTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private var unit: CorpusUnit {
    CorpusUnit(path: scratch("c.bin"), name: "c.bin", format: .megatron)
  }

  private func index(
    _ code: UInt8, sizes: [Int], pointers: [Int], documents: [Int]? = nil, version: Int = 1
  ) -> [UInt8] {
    let documents = documents ?? Array(0...sizes.count)
    return Array("MMIDIDX\0\0".utf8) + little(version, 8) + [code] + little(sizes.count, 8)
      + little(documents.count, 8) + sizes.flatMap { little($0, 4) }
      + pointers.flatMap { little($0, 8) } + documents.flatMap { little($0, 8) }
  }

  private func read(
    _ index: [UInt8], _ binary: [UInt8], width: Int = 4, part: Range<Int>? = nil,
    from position: CorpusPosition = CorpusPosition()
  ) throws -> BinaryReading {
    _ = try scratch.write(index, "c.idx")
    _ = try scratch.write(binary, "c.bin")
    var unit = unit
    unit.part = part
    return try BinaryReading(
      unit, kind: .tokens, tokens: TokenLayout(width: width), from: position, batch: 64)
  }

  @Test func samplesGoOutAndComeBack() throws {
    var generator = SeededGenerator(seed: 3)
    for (width, boundaries) in [(2, false), (4, false), (2, true)] {
      let layout = TokenLayout(width: width, hasBoundaries: boundaries)
      let ids = (0..<60).map { _ in
        (0..<Int.random(in: 0...40, using: &generator)).map { _ in
          UInt32.random(in: 0...(width == 2 ? 65535 : UInt32(Int32.max)), using: &generator)
        }
      }
      let samples = ids.map { ids in
        var bytes: [UInt8] = []
        layout.append(ids: ids, starts: ids.isEmpty ? [] : [0], to: &bytes)
        return bytes
      }
      try write(
        samples, .megatron, to: scratch("c"), kind: .tokens, tokens: layout, overwrite: true)
      let (units, kind, tokens) = try BinaryCorpora.units(for: unit, options: CorpusOptions())
      #expect(units.count == 1 && kind == .tokens && tokens == TokenLayout(width: width))
      let plain = TokenLayout(width: width)
      let all = try BinaryReading(unit, kind: .tokens, tokens: plain, batch: 500)
      #expect(try all.ids(plain) == ids.map { $0.map(Int.init) } && all.bad.isEmpty)
      for (sample, position) in all.positions.enumerated() where sample % 9 == 0 {
        let rest = try BinaryReading(unit, kind: .tokens, tokens: plain, from: position)
        #expect(rest.samples == Array(all.samples[(sample + 1)...]))
      }
    }
  }

  @Test func theIndexIsAsMegatronWritesIt() throws {
    let layout = TokenLayout(width: 2)
    let samples = [[1, 0, 2, 0], [], [3, 0]].map { $0.map(UInt8.init) }
    try write(samples, .megatron, to: scratch("c.bin"), kind: .tokens, tokens: layout)
    #expect(
      try DurableFile.read(scratch("c.idx"))
        == index(8, sizes: [2, 0, 1], pointers: [0, 4, 4]))
    #expect(try DurableFile.read(scratch("c.bin")) == [1, 0, 2, 0, 3, 0])
  }

  @Test func sequencesAnywhereInTheFile() throws {
    let binary = (0..<10).flatMap { little($0, 4) }
    let reading = try read(index(4, sizes: [2, 3, 1], pointers: [32, 0, 20]), binary)
    #expect(try reading.ids(TokenLayout(width: 4)) == [[8, 9], [0, 1, 2], [5]])
    let part = try read(
      index(4, sizes: [2, 3, 1], pointers: [32, 0, 20]), binary, part: 1..<3,
      from: CorpusPosition(records: 1))
    #expect(try part.ids(TokenLayout(width: 4)) == [[5]])
  }

  @Test func indicesThatAreRefused() throws {
    let binary = [UInt8](repeating: 0, count: 8)
    let cases: [([UInt8], String)] = [
      ([], "too few"),
      (Array("MMIDIDY\0\0".utf8) + [UInt8](repeating: 0, count: 40), "MMIDIDX"),
      (index(4, sizes: [1], pointers: [0], version: 2), "version 2"),
      (index(6, sizes: [1], pointers: [0]), "type 6"),
      (index(4, sizes: [-1], pointers: [0]), "-1 tokens"),
      (index(4, sizes: [1], pointers: [-4]), "at byte -4"),
      (index(4, sizes: [1], pointers: [Int.max]), "at byte"),
      (index(4, sizes: [3], pointers: [0]), "ends at byte 12"),
      (index(4, sizes: [1], pointers: [8]), "ends at byte 12"),
      (index(4, sizes: [1], pointers: [0]) + [0, 0], "do not hold"),
    ]
    for (index, reason) in cases {
      let reading = try read(index, binary)
      #expect(reading.samples.isEmpty && reading.bad.count == 1 && reading.bad[0].endsUnit)
      #expect(reading.bad[0].reason.contains(reason), "\(reading.bad[0].reason)")
    }
    let second = try read(index(4, sizes: [1, 9], pointers: [0, 4]), binary)
    #expect(second.samples.count == 1 && second.bad.map(\.record) == [2])
    var huge = index(4, sizes: [1], pointers: [0])
    huge.replaceSubrange(18..<26, with: little(-1, 8))
    #expect(try read(huge, binary).bad[0].reason.contains("claims"))
    let negative = try read(
      index(4, sizes: [1, 1], pointers: [0, 4]), little(-1, 4) + little(7, 4))
    #expect(try negative.ids(TokenLayout(width: 4)) == [[7]])
    #expect(negative.bad.map(\.record) == [1])
  }

  @Test func damageIsNoCrash() throws {
    let binary = (0..<20).flatMap { little($0, 2) }
    let whole = index(8, sizes: [4, 6, 10], pointers: [0, 8, 20])
    let (prefixes, _) = try beHostile(whole, flips: 500, seed: 4) { try read($0, binary) }
    #expect(prefixes == whole.count)
    let (cut, _) = try beHostile(binary, flips: 10, seed: 5) { try read(whole, $0) }
    #expect(cut == binary.count)
  }

  @Test func idsBeyondTheFormatAreRefused() throws {
    let sample = little(1 << 31, 4)
    #expect(throws: CorpusWriterError.self) {
      try write(
        [sample], .megatron, to: scratch("d"), kind: .tokens, tokens: TokenLayout(width: 4))
    }
    #expect(try DurableFile.names(in: scratch.path).isEmpty, "something was left behind")
    #expect(throws: CorpusWriterError.wrongKind(format: .megatron, kind: .document)) {
      try write([], .megatron, to: scratch("d"), kind: .document)
    }
  }
}
