import ContextStore
import Files
import Foundation
import SeededRandom

/// What the measurements of the context store share.
struct ContextBench {
  /// A folder of its own, made and removed by each measurement.
  let folder: String
  let rounds: Int
  let report: BenchReport

  /// Runs a measurement in the folder; it is empty before and gone afterwards.
  func inFolder(_ body: () throws -> Void) throws {
    try DurableFile.remove(folder)
    try DurableFile.createFolder(folder)
    defer { try? DurableFile.remove(folder) }
    try body()
  }

  /// A store that holds `bytes` of blocks without having to evict.
  func open(_ name: String, bytes: Int) throws -> ContextStore {
    try ContextStore(
      path: folder + "/" + name, mode: .writing,
      options: .init(capacityBytes: max(256 << 20, bytes / 2 * 3 + (512 << 20))))
  }

  /// Takes a closed store's data out of the page cache.
  func dropFromCache(_ name: String) throws {
    let segments = folder + "/" + name + "/segments"
    for file in try DurableFile.names(in: segments) { Measure.dropFromCache(segments + "/" + file) }
  }

  /// A prompt of random token ids.
  static func prompt(tokens: Int, seed: UInt64) -> [Int32] {
    var generator = SeededGenerator(seed: seed)
    return (0..<tokens).map { _ in Int32(truncatingIfNeeded: generator.next() >> 47) }
  }

  /// Bytes that no disk and no file system can make smaller.
  static func fill(_ buffer: UnsafeMutableRawBufferPointer, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let words = buffer.bindMemory(to: UInt64.self)
    for index in words.indices { words[index] = generator.next() }
  }

  /// Refuses to measure what is not right.
  static func require(_ isRight: Bool, _ what: String) throws {
    guard isRight else { throw CommandError("the context store did not \(what)") }
  }

  func print(
    _ what: String, _ value: Double, _ unit: String, against: String? = nil, ratio: Double? = nil
  ) {
    report.print(
      BenchLine(
        bench: "context", what: what, value: value, unit: unit, against: against, ratio: ratio))
  }
}
