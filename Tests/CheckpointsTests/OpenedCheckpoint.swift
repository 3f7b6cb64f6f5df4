import Checkpoints
import MemoryTables
import TestCheckpoints
import Testing

/// A made checkpoint on disk, opened.
struct OpenedCheckpoint {
  let scratch: ScratchFolder
  let folder: CheckpointFolder

  init(_ made: MadeCheckpoint, plain: Bool = false) throws {
    scratch = try ScratchFolder()
    try made.write(to: scratch.path)
    folder = try CheckpointFolder(path: scratch.path, plain: plain)
  }
}

/// Opens a checkpoint and asks for its tables, which must be refused with a message of one line
/// that holds all of `words`.
func expectRefused(_ made: MadeCheckpoint, _ words: String...) {
  do {
    _ = try OpenedCheckpoint(made).folder.tables()
    Issue.record("the checkpoint was accepted")
  } catch {
    let message = "\(error)"
    #expect(!message.contains("\n") && !message.contains("Optional("))
    for word in words { #expect(message.contains(word), "\(message)") }
  }
}

/// Copies rows by ranges of several lengths, with room for the writer's checksum, and returns
/// them one after another.
func copiedRows(of table: CheckpointTable) throws -> [[UInt8]] {
  let rowBytes = try #require(table.codec.rowBytes(dimension: table.dimension))
  let stride = rowBytes + 4
  var rows: [[UInt8]] = []
  var step = 1
  while rows.count < table.rows {
    let range = rows.count..<min(table.rows, rows.count + step)
    var slots = [UInt8](repeating: 0xA5, count: range.count * stride)
    try slots.withUnsafeMutableBytes {
      try table.source.copyRows(range, into: $0.baseAddress!, stride: stride)
    }
    for slot in 0..<range.count {
      let place = slot * stride
      rows.append(Array(slots[place..<(place + rowBytes)]))
      #expect(slots[(place + rowBytes)..<(place + stride)].allSatisfy { $0 == 0xA5 })
    }
    step = step * 3 % 1000 + 1
  }
  return rows
}
