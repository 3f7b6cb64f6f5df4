import Corpora
import Files
import Foundation

/// Where records go that were skipped: a JSON object a line with the file, the record's number, the
/// reason and the record's first bytes. Made when the first one comes.
final class SideFile {
  /// The file's path.
  let path: String
  /// Records in it, those of an interrupted run included.
  private(set) var count: Int
  private var handle: FileHandle?

  private struct Line: Encodable {
    var path: String
    var record: Int?
    var member: String?
    var reason: String
    var excerpt: String
  }

  /// - Parameter count: lines to keep of a file that is there, after a resume; others go.
  init(path: String, keeping count: Int = 0) throws {
    self.path = path
    self.count = 0
    guard count > 0, DurableFile.size(of: path) != nil else { return }
    let lines = try DurableFile.read(path).split(separator: 10, maxSplits: count)
    let kept = lines.prefix(count)
    try open()
    for line in kept { try handle?.write(contentsOf: Array(line) + [10]) }
    self.count = kept.count
  }

  /// Adds a record.
  func append(_ bad: BadRecord) throws {
    if handle == nil { try open() }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = Line(
      path: bad.path, record: bad.record, member: bad.member, reason: bad.reason,
      excerpt: String(decoding: bad.excerpt, as: UTF8.self))
    try handle?.write(contentsOf: try encoder.encode(line) + Data([10]))
    count += 1
  }

  private func open() throws {
    let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError("create", path) }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }
}
