import CKernels
import Files
import Foundation
import MemoryTables
import Storage

extension Trainer {
  /// Publishes the table in a codec, its token map and model beside it.
  ///
  /// - Parameter store: open for writing.
  /// - Returns: the published version.
  /// - Throws: `TrainingError.badOption` without a memory; `TableError`, `StorageError`,
  ///   `FileError`; what `progress` throws. Nothing is published then.
  public func publish(
    as name: String, codec: RowCodec, in store: Store,
    progress: @escaping TableWriter.Progress = { _, _ in }
  ) throws -> PublishedTable {
    guard let memory = parts.memory else {
      throw TrainingError.badOption("a host without a memory has no table to publish")
    }
    let scale = codec == .fp8E4M3 ? memory.rows.largestMagnitude / 448 : 1
    let encoder = try RowEncoder(
      codec: codec, dimension: memory.rows.dimension, scale: scale == 0 ? 1 : scale)
    var draft = TableDraft(
      name: name, rows: memory.rows.count, dimension: memory.rows.dimension, codec: codec,
      scaleBits: codec == .fp8E4M3 ? (scale == 0 ? 1 : scale).bitPattern : nil,
      addressing: addressing, source: .init(kind: "trained"))
    let path = folder + "/" + TrainedModel.attachment
    try model.write(to: path)
    draft.attachments[TrainedModel.attachment] = try DurableFile.read(
      path, limit: TrainedModel.sizeLimit)
    if let tokenMap {
      draft.attachments[Table.tokenMapFile] = tokenMap.withUnsafeCompressedIDs {
        Array(UnsafeRawBufferPointer($0))
      }
    }
    return try TableWriter(store: store, threads: options.threads).publish(
      [(draft, TrainedRows(rows: memory.rows, encoder: encoder))], progress: progress)[0]
  }

  /// Removes the run's folder: what was published does not need it.
  public func removeFiles() throws {
    try Checkpoint.removeAll(in: folder)
    try DurableFile.remove(folder)
  }
}

/// The rows of a run as a table's: those that were never moved are zero.
private struct TrainedRows: RowSource {
  let rows: UpdatableRows
  let encoder: RowEncoder

  /// Rows that are encoded at once.
  private static let batch = 1024

  func copyRows(_ range: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int) throws {
    let width = rows.dimension
    let buffer = UnsafeMutablePointer<Float>.allocate(capacity: Self.batch * width)
    defer { buffer.deallocate() }
    for first in Swift.stride(from: range.lowerBound, to: range.upperBound, by: Self.batch) {
      let count = min(Self.batch, range.upperBound - first)
      buffer.update(from: rows.values + first * width, count: count * width)
      encoder.encode(
        buffer, count: count, into: slots + (first - range.lowerBound) * stride, stride: stride)
    }
  }
}

extension UpdatableRows {
  /// The largest magnitude of all numbers.
  var largestMagnitude: Float {
    var most: Float = 0
    for index in 0..<(count * dimension) { most = max(most, abs(values[index])) }
    return most
  }

  /// Copies rows, shape [ids, dimension]; those that were never moved are zero.
  func copy(_ ids: UnsafeBufferPointer<Int64>, to buffer: UnsafeMutablePointer<Float>) {
    engram_train_gather(
      values, accumulators, ids.baseAddress, ids.count, dimension, 0, 0, buffer)
  }
}
