import Files
import Storage

/// Writes the vectors of a segment's passages, in the order of the passages.
///
///     let writer = try VectorIndexWriter(folder: folder, salt: identity, dimensions: 64)
///     for passage in passages { try writer.append(model.embed(passage)) }
///     try writer.finish()
///
/// One thread at a time. Memory is bounded while vectors are appended; a graph takes about 200
/// bytes a vector while it is built.
public final class VectorIndexWriter {
  /// Numbers of a vector.
  public let dimensions: Int
  /// Vectors appended so far.
  public private(set) var count = 0

  private let folder: String
  private let salt: String
  private let writer: CheckedFileWriter
  private var row: [Float]
  private var path: String { VectorIndexLayout.vectorsPath(folder) }

  /// Starts the vectors of a segment.
  ///
  /// - Parameter folder: a folder that is there; files `vectors` and `graph` are written to it.
  /// - Parameter salt: the segment's identity; the reader has to give the same.
  /// - Throws: `VectorIndexError.badVectors` for an impossible number of dimensions, `FileError`.
  public init(folder: String, salt: String, dimensions: Int) throws {
    guard (1...VectorIndexLayout.dimensionLimit).contains(dimensions) else {
      throw VectorIndexError.badVectors(
        path: folder,
        reason: "\(dimensions) dimensions, possible are 1 to \(VectorIndexLayout.dimensionLimit)")
    }
    self.folder = folder
    self.salt = salt
    self.dimensions = dimensions
    row = [Float](repeating: 0, count: dimensions)
    writer = try CheckedFileWriter(
      creating: VectorIndexLayout.vectorsPath(folder), salt: VectorIndexLayout.vectorsSalt(salt))
    try writer.append(
      VectorIndexLayout.header(VectorIndexLayout.vectorsMagic, [UInt32(dimensions)]))
  }

  /// Appends the next passage's vector, which becomes one of length one; a vector of zeros stays
  /// one.
  ///
  /// - Throws: `VectorIndexError.wrongDimensions`, `.notFinite` (with the passage as the row),
  ///   `.tooMany`, `FileError`.
  public func append(_ vector: [Float]) throws {
    guard vector.count == dimensions else {
      throw VectorIndexError.wrongDimensions(
        path: path, expected: dimensions, found: vector.count)
    }
    guard UnitVector.make(of: vector, into: &row) != nil else {
      throw VectorIndexError.notFinite(path: path, row: count)
    }
    try appendRow { try row.withUnsafeBytes { try writer.append($0) } }
  }

  /// Appends a vector of another index of the same dimensions, as it is.
  public func append(from other: VectorIndex, passage: Int) throws {
    guard other.dimensions == dimensions else {
      throw VectorIndexError.wrongDimensions(
        path: path, expected: dimensions, found: other.dimensions)
    }
    try appendRow { try writer.append(other.bytes(of: passage)) }
  }

  /// Writes what is missing and flushes all to the disk.
  ///
  /// - Parameter graphAbove: more vectors than this get a graph, so that a question need not be
  ///   compared with every one.
  /// - Parameter progress: is told how many vectors are in the graph, of how many; what it throws
  ///   ends the building.
  /// - Complexity: O(n log n) comparisons of vectors with a graph, 10,000 to 50,000 vectors a
  ///   second.
  public func finish(
    graphAbove: Int = 200_000, progress: (Int, Int) throws -> Void = { _, _ in }
  ) throws {
    try writer.finish()
    guard count > graphAbove else { return }
    let index = try VectorIndex(folder: folder, salt: salt, graph: false)
    try VectorGraphWriter.write(of: index, folder: folder, salt: salt, progress: progress)
  }

  private func appendRow(_ write: () throws -> Void) throws {
    guard count < VectorIndexLayout.countLimit else {
      throw VectorIndexError.tooMany(path: path, limit: VectorIndexLayout.countLimit)
    }
    try write()
    count += 1
  }
}
