import Addressing
import CKernels
import Files
import Foundation
import Storage

/// Everything that a run needs to go on, in a folder of its own: `state.json`, and for each array of
/// numbers a file of the blocks that are not all zero. `Schemas/training.md` has the layout.
struct Checkpoint {
  let path: String
  let state: State

  /// What is not an array of rows.
  struct State: Codable {
    var format = 1
    var options: TrainingOptions
    var addressing: Addressing?
    var position: BatchCursor.Position
    var seconds: Double
    var curve: [Trainer.CurvePoint]
    var step: UInt64
    /// Weights and both moments of the fusion, as bits.
    var values: [UInt32]
    var first: [UInt32]
    var second: [UInt32]
    /// CRC32C of each file.
    var checksums: [String: UInt32]

    var dense: DenseOptimizer.State? {
      guard !values.isEmpty, values.count == first.count, values.count == second.count else {
        return nil
      }
      return DenseOptimizer.State(
        values: values.map { Float(bitPattern: $0) }, first: first.map { Float(bitPattern: $0) },
        second: second.map { Float(bitPattern: $0) }, step: step)
    }

    /// Throws unless a run with these options may go on from here. How long, how fast and on how many
    /// threads may change; what is trained may not.
    func check(
      _ other: TrainingOptions, _ addressing: Addressing?, folder: String
    ) throws(TrainingError) {
      var mine = options
      var theirs = other
      for change in [\TrainingOptions.threads, \.evaluationTokens, \.evaluations, \.epochs] {
        mine[keyPath: change] = 0
        theirs[keyPath: change] = 0
      }
      (mine.timeLimit, theirs.timeLimit) = (nil, nil)
      (mine.checkpointSeconds, theirs.checkpointSeconds) = (0, 0)
      func shape(_ a: Addressing?) -> [[UInt64]]? { a?.bucketSizes }
      guard mine == theirs, shape(self.addressing) == shape(addressing),
        self.addressing?.multipliers == addressing?.multipliers
      else {
        throw .foreignFolder(path: folder, difference: "its options differ from the ones given")
      }
    }
  }

  private static let prefix = "checkpoint-"

  /// The newest whole checkpoint of a run's folder.
  ///
  /// - Throws: `TrainingError.corruptFile` where its state cannot be read; `FileError`.
  static func newest(in folder: String) throws -> Checkpoint? {
    guard let name = try names(in: folder).last else { return nil }
    let path = folder + "/" + name
    let file = path + "/state.json"
    let bytes = try DurableFile.read(file, limit: 8 << 30)
    let trailer = bytes.suffix(9)
    let body = bytes.dropLast(9)
    guard trailer.count == 9,
      let sum = UInt32(String(decoding: trailer.dropFirst(), as: UTF8.self), radix: 16),
      body.withUnsafeBytes({ engram_crc32c(0, $0.baseAddress, $0.count) }) == sum,
      let state = try? JSONDecoder().decode(State.self, from: Data(body)), state.format == 1
    else {
      throw TrainingError.corruptFile(path: file, reason: "it is no checkpoint's state")
    }
    return Checkpoint(path: path, state: state)
  }

  private static func names(in folder: String) throws(FileError) -> [String] {
    try DurableFile.names(in: folder).filter {
      $0.hasPrefix(prefix) && !$0.hasSuffix(".partial")
    }.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
  }

  /// Writes a checkpoint; the one before it goes when this one is on the disk.
  static func save(_ state: State, _ parts: TrainingParts, in folder: String) throws -> String {
    let older = try names(in: folder)
    let name = prefix + "\(state.position.tokens)"
    let path = folder + "/" + name
    let partial = path + ".partial"
    try DurableFile.remove(partial)
    try DurableFile.createFolder(partial)
    do {
      var state = state
      for (file, rows) in parts.files {
        state.checksums[file] = try SparseCopy.write(rows, to: partial + "/" + file)
      }
      var json = try CanonicalJSON.encode(state)
      let sum = json.withUnsafeBytes { engram_crc32c(0, $0.baseAddress, $0.count) }
      let text = String(sum, radix: 16)
      json += Array(("\n" + String(repeating: "0", count: 8 - text.count) + text).utf8)
      try json.withUnsafeBytes { try DurableFile.write($0, to: partial + "/state.json") }
      try DurableFile.synchronize(folder: partial)
      if older.contains(name) { try remove(path) }
      try DurableFile.rename(partial, to: path)
    } catch {
      try? DurableFile.remove(partial)
      throw error
    }
    for other in older where other != name { try? remove(folder + "/" + other) }
    return path
  }

  /// Removes a checkpoint. It stops being one first: what is left where that is interrupted is nothing
  /// that a run would go on from.
  private static func remove(_ path: String) throws(FileError) {
    let gone = path + ".old.partial"
    try DurableFile.remove(gone)
    try DurableFile.rename(path, to: gone)
    try DurableFile.remove(gone)
  }

  /// Removes all checkpoints of a run's folder.
  static func removeAll(in folder: String) throws(FileError) {
    for name in try names(in: folder) { try remove(folder + "/" + name) }
  }

  /// Puts every array back.
  ///
  /// - Throws: `TrainingError.corruptFile` where a file is not what was written.
  func restore(into parts: TrainingParts) throws {
    for (file, rows) in parts.files {
      try SparseCopy.read(
        path + "/" + file, into: rows, checksum: state.checksums[file] ?? 0)
    }
  }
}

extension TrainingParts {
  /// The arrays of a run, by the names of their files.
  var files: [(name: String, rows: UpdatableRows)] {
    host.parts + (memory.map { [("rows", $0.rows)] } ?? [])
  }
}

extension Trainer {
  /// Writes a checkpoint of this moment.
  func saveCheckpoint() throws -> String {
    let dense = parts.memory?.dense.snapshot
    func bits(_ values: [Float]?) -> [UInt32] { values?.map(\.bitPattern) ?? [] }
    let state = Checkpoint.State(
      options: options, addressing: addressing, position: cursor.position, seconds: seconds,
      curve: curve, step: dense?.step ?? 0, values: bits(dense?.values), first: bits(dense?.first),
      second: bits(dense?.second), checksums: [:])
    return try Checkpoint.save(state, parts, in: folder)
  }
}
