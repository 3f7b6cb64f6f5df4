import Datasets
import DatasetBuilder
import Files
import Foundation
import SampleOrder
import SeededRandom
import Storage

/// Ingest, samples by number and shuffled epochs of token samples, stored and compressed.
struct DatasetBench {
  var samples: Int
  var tokens: Int
  var rounds: Int
  var folder: String

  private var arrayPath: String { folder + "/tokens.npy" }

  /// Measures everything and hands over each figure.
  func run(_ show: (BenchLine) -> Void) throws {
    try DurableFile.createFolder(folder)
    try makeArray()
    for isCompressed in [true, false] {
      let form = isCompressed ? "compressed" : "stored"
      let path = "\(folder)/store-\(form)"
      var rates: [Double] = []
      for _ in 0..<rounds {
        try DurableFile.remove(path)
        // What is ingested is in memory, as peers have it.
        try touch(arrayPath)
        rates.append(Double(samples) / (try ingest(into: path, isCompressed: isCompressed)))
      }
      show(line("ingest, \(samples) x \(2 * tokens) B, \(form)", Measure.median(rates)))
      let store = try Store(path: path, mode: .reading)
      let dataset = try Dataset(DatasetReference(name: "tokens"), in: store)
      for (what, rate) in try reading(dataset) { show(line("\(what), \(form)", rate)) }
    }
    show(line("flat memory map, random, copied", try flat()))
  }

  private func line(_ what: String, _ rate: Double) -> BenchLine {
    BenchLine(bench: "dataset", what: what, value: rate, unit: "samples/s")
  }

  private func ingest(into path: String, isCompressed: Bool) throws -> Double {
    try Measure.seconds {
      var ingest = Ingest(paths: [arrayPath], dataset: "tokens")
      ingest.storage.isCompressed = isCompressed
      _ = try ingest.run(into: try Store(path: path, mode: .writing))
    }
  }

  /// Median rates on one thread, all samples checked, each copied into a buffer.
  private func reading(_ dataset: Dataset) throws -> [(String, Double)] {
    let reader = SampleReader(dataset)
    var random = SeededGenerator(seed: 3)
    let numbers = (0..<min(100_000, samples)).map { _ in Int.random(in: 0..<samples, using: &random) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * tokens, alignment: 64)
    defer { buffer.deallocate() }
    func copy(_ number: Int) throws {
      try reader.withSample(number) { buffer.copyMemory(from: $0) }
    }
    let permutation = SamplePermutation(count: samples, seed: 1, epoch: 0)
    let seconds = try Measure.medians(
      [
        .init(name: "random, by number") { for number in numbers { try copy(number) } },
        .init(name: "shuffled epoch") { for place in 0..<samples { try copy(permutation[place]) } },
        .init(name: "sequential epoch") { for number in 0..<samples { try copy(number) } },
      ], rounds: rounds)
    return [
      ("random, by number", Double(numbers.count) / seconds[0]),
      ("shuffled epoch", Double(samples) / seconds[1]),
      ("sequential epoch", Double(samples) / seconds[2]),
    ]
  }

  /// The same random samples out of a flat map, unchecked: the most that is to be had.
  private func flat() throws -> Double {
    let file = try MappedFile(path: arrayPath, access: .random)
    var random = SeededGenerator(seed: 3)
    let numbers = (0..<min(100_000, samples)).map { _ in Int.random(in: 0..<samples, using: &random) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * tokens, alignment: 64)
    defer { buffer.deallocate() }
    let start = file.count - samples * 2 * tokens
    let seconds = try Measure.medians(
      [
        .init(name: "flat") {
          for number in numbers {
            let offset = start + number * 2 * tokens
            buffer.copyMemory(
              from: UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + 2 * tokens]))
          }
        }
      ], rounds: rounds)
    return Double(numbers.count) / seconds[0]
  }

  private func touch(_ path: String) throws {
    let file = try MappedFile(path: path, access: .sequential)
    var sum: UInt8 = 0
    for offset in stride(from: 0, to: file.count, by: 4096) { sum &+= file.bytes[offset] }
    withExtendedLifetime(sum) {}
  }

  /// Token ids as a corpus has them, roughly: log-uniform, so that they compress as real ones do.
  private func makeArray() throws {
    let shape = "(\(samples), \(tokens))"
    var header = "{'descr': '<u2', 'fortran_order': False, 'shape': \(shape), }"
    header += String(repeating: " ", count: (64 - (11 + header.utf8.count) % 64) % 64) + "\n"
    let size = 10 + header.utf8.count + samples * tokens * 2
    if DurableFile.size(of: arrayPath) == size { return }
    let writer = try FileWriter(creating: arrayPath)
    let count = UInt16(header.utf8.count)
    let front = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)]
    try (front + Array(header.utf8)).withUnsafeBytes { bytes throws(FileError) in
      try writer.append(bytes)
    }
    var random = SeededGenerator(seed: 7)
    let span = Foundation.log(65_000.0)
    for _ in 0..<samples {
      let row = (0..<tokens).map { _ in
        UInt16(Foundation.exp(span * Double(random.next() >> 11) * 0x1p-53))
      }
      try row.withUnsafeBytes { bytes throws(FileError) in try writer.append(bytes) }
    }
    try writer.finish()
  }
}
