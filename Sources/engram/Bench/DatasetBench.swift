import DatasetBuilder
import Datasets
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

  /// What is ingested, and how.
  private enum Form: String, CaseIterable {
    /// Ids that LZ4 makes nothing of, as peers are measured with; LZ4 off.
    case stored
    /// The same ids, LZ4 on.
    case incompressible = "LZ4, random ids"
    /// Ids in phrases that come again, as text has them; LZ4 on.
    case compressed = "LZ4, phrases"

    var isCompressed: Bool { self != .stored }
  }

  private func arrayPath(_ form: Form) -> String {
    folder + (form == .compressed ? "/phrases.npy" : "/tokens.npy")
  }

  /// Measures everything and hands over each figure.
  func run(_ show: (BenchLine) -> Void) throws {
    try DurableFile.createFolder(folder)
    for form in Form.allCases {
      let array = arrayPath(form)
      try makeArray(array, hasPhrases: form == .compressed)
      let path = "\(folder)/store"
      var rates: [Double] = []
      for _ in 0..<rounds {
        try DurableFile.remove(path)
        Measure.settle()
        // What is ingested is in memory, as peers have it.
        try touch(array)
        rates.append(
          Double(samples) / (try ingest(array, into: path, isCompressed: form.isCompressed)))
      }
      show(line("ingest, \(samples) x \(2 * tokens) B, \(form.rawValue)", Measure.median(rates)))
      let store = try Store(path: path, mode: .reading)
      let dataset = try Dataset(DatasetReference(name: "tokens"), in: store)
      for (what, rate) in try reading(dataset) { show(line("\(what), \(form.rawValue)", rate)) }
      try DurableFile.remove(path)
    }
    show(line("flat memory map, random, copied", try flat()))
  }

  private func line(_ what: String, _ rate: Double) -> BenchLine {
    BenchLine(bench: "dataset", what: what, value: rate, unit: "samples/s")
  }

  private func ingest(
    _ array: String, into path: String, isCompressed: Bool
  ) throws -> Double {
    try Measure.seconds {
      var ingest = Ingest(paths: [array], dataset: "tokens")
      ingest.storage = .init(isCompressed: isCompressed)
      _ = try ingest.run(into: try Store(path: path, mode: .writing))
    }
  }

  /// Median rates on one thread, all samples checked, each copied into a buffer.
  private func reading(_ dataset: Dataset) throws -> [(String, Double)] {
    let reader = SampleReader(dataset)
    var random = SeededGenerator(seed: 3)
    let numbers = (0..<min(100_000, samples)).map { _ in Int.random(in: 0..<samples, using: &random)
    }
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
    let file = try MappedFile(path: arrayPath(.stored), access: .random)
    var random = SeededGenerator(seed: 3)
    let numbers = (0..<min(100_000, samples)).map { _ in Int.random(in: 0..<samples, using: &random)
    }
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

  /// Writes token ids as a corpus has them, roughly: log-uniform.
  ///
  /// - Parameter hasPhrases: draws phrases of 8 ids out of 4,096, instead of ids.
  private func makeArray(_ path: String, hasPhrases: Bool) throws {
    let shape = "(\(samples), \(tokens))"
    var header = "{'descr': '<u2', 'fortran_order': False, 'shape': \(shape), }"
    header += String(repeating: " ", count: (64 - (11 + header.utf8.count) % 64) % 64) + "\n"
    let size = 10 + header.utf8.count + samples * tokens * 2
    if DurableFile.size(of: path) == size { return }
    let writer = try FileWriter(creating: path)
    let count = UInt16(header.utf8.count)
    let front = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)]
    try (front + Array(header.utf8)).withUnsafeBytes { try writer.append($0) }
    var random = SeededGenerator(seed: 7)
    func draw(_ most: Double) -> Int {
      Int(Foundation.exp(Foundation.log(most) * Double(random.next() >> 11) * 0x1p-53))
    }
    let phrases = (0..<4096).map { _ in (0..<8).map { _ in UInt16(draw(65_000)) } }
    for _ in 0..<samples {
      var row: [UInt16] = []
      row.reserveCapacity(tokens + 8)
      while row.count < tokens {
        if hasPhrases {
          row += phrases[draw(4095)]
        } else {
          row.append(UInt16(draw(65_000)))
        }
      }
      try row[..<tokens].withUnsafeBytes { try writer.append($0) }
    }
    try writer.finish()
  }
}
