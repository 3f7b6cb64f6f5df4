import Foundation

/// Headers of the frames of a segment that is still written, one after another at multiples of 8.
///
/// Its memory is asked for at once and never moves; pages that nothing was written to cost none.
/// Unchecked: used under the store's lock alone.
final class RecordBuffer: @unchecked Sendable {
  private let memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  /// - Parameter capacity: bytes. A file's size may be any number, holes cost nothing: what the system
  ///   does not give is no room.
  init(capacity: Int) {
    let size = min(max(1, capacity), 1 << 40)
    let start = mmap(
      nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    memory = UnsafeMutableRawBufferPointer(
      start: start == MAP_FAILED ? nil : start, count: start == MAP_FAILED ? 0 : size)
  }

  deinit { if let start = memory.baseAddress { munmap(start, memory.count) } }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory).part(0..<count) }

  /// Appends a header; returns where it lies, `nil` where there is no room.
  func append(_ header: UnsafeRawBufferPointer) -> Int? {
    let start = roundUp(count, to: 8)
    guard start + header.count <= memory.count else { return nil }
    UnsafeMutableRawBufferPointer(rebasing: memory[start...]).copyMemory(from: header)
    count = start + header.count
    return start
  }
}
