import Files
import Foundation

/// A file's lines, read piece by piece; no line is longer than a limit.
final class LineFile {
  let path: String
  /// Bytes read so far.
  private(set) var position = 0
  /// The number of the line that was read last, from 1.
  private(set) var number = 0
  private let descriptor: Int32
  private let limit: Int
  private var piece: [UInt8] = []
  private var next = 0
  private var isAtEnd = false

  init(_ path: String, limit: Int) throws(FileError) {
    self.path = path
    self.limit = limit
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path) }
  }

  deinit { close(descriptor) }

  /// The next line without its newline; `nil` at the end.
  ///
  /// - Throws: `TraceError.lineTooLong`, `FileError`.
  func line() throws -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      if next == piece.count {
        guard !isAtEnd, try fill() else {
          guard !line.isEmpty else { return nil }
          number += 1
          return line
        }
      }
      let end = piece[next...].firstIndex(of: 10) ?? piece.count
      guard line.count + (end - next) <= limit else {
        throw TraceError.lineTooLong(path: path, line: number + 1, limit: limit)
      }
      line += piece[next..<end]
      next = min(piece.count, end + 1)
      if end < piece.count {
        number += 1
        return line
      }
    }
  }

  /// Reads the next piece; false at the end.
  private func fill() throws(FileError) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    var count = -1
    repeat { count = read(descriptor, &bytes, bytes.count) } while count < 0 && errno == EINTR
    guard count >= 0 else { throw FileError("read", path) }
    position += count
    piece = Array(bytes[..<count])
    next = 0
    isAtEnd = count == 0
    return count > 0
  }
}
