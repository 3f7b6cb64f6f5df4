import Files
import Foundation
import Storage
import Synchronization

/// Where full tables go: sorted run files of one order each, in a folder of this process.
final class SpillFolder: Sendable {
  let path: String
  let subject: CountSubject
  private let state = Mutex((number: 0, runs: [RunFile]()))

  init(_ path: String, subject: CountSubject) {
    self.path = path
    self.subject = subject
  }

  var runs: [RunFile] { state.withLock { $0.runs } }

  /// Writes a table's N-grams as a run file and empties the table.
  func spill(_ table: NgramTable) throws {
    guard !table.isEmpty else { return }
    let number = state.withLock { state in
      state.number += 1
      return state.number
    }
    let file = "\(path)/spill-\(number).run"
    var subject = subject
    subject.orders = .init(lower: table.order, upper: table.order)
    let writer = try RunWriter(creating: file, header: RunHeader(subject: subject, samples: []))
    func write<Key: NgramKey>(_: Key.Type) throws {
      try writer.writeOrder(table.order, bits: subject.tokenBits, Key.self) { encoder in
        try table.drain(Key.self) { try encoder.add($0, $1) }
      }
    }
    switch subject.keyWords(order: table.order) {
    case 1: try write(UInt64.self)
    case 2: try write(UInt128.self)
    default: try write(WideKey.self)
    }
    try writer.finish(isDurable: false)
    let run = try RunFile(path: file)
    state.withLock { $0.runs.append(run) }
  }
}

/// A folder for runs that are not the result, made in one that must be there.
enum WorkFolder {
  /// Makes it, calls `body` with its path and removes it with all that is in it.
  static func with<Result>(
    _ path: String, _ body: (String) throws -> Result
  ) throws -> Result {
    guard mkdir(path, 0o777) == 0 else { throw FileError("make the folder", path) }
    defer { try? DurableFile.remove(path) }
    return try body(path)
  }

  /// Where one is made beside a file that is to be written, or in `work`.
  static func path(beside file: String, work: String?) -> String {
    "\(work.map { $0 + "/engram-count" } ?? file).work-\(Store.newIdentifier())"
  }
}
