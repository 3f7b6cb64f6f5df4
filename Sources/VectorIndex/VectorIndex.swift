import Bitsets
import CVectorGraph
import Files
import Storage

/// The vectors of a segment's passages, to be searched by cosine.
///
///     let index = try VectorIndex(folder: folder, salt: identity)
///     for (passage, score) in try index.nearest(to: vector, k: 10) { ... }
///
/// Safe to use from any number of threads at once.
public final class VectorIndex: Sendable {
  /// Vectors, one a passage.
  public let count: Int
  /// Numbers of a vector.
  public let dimensions: Int

  private let file: CheckedFile
  private let graph: VectorGraph?

  /// Opens the vectors of a segment.
  ///
  /// - Parameter salt: the segment's identity, as it was given to the writer.
  /// - Throws: `VectorIndexError`, `StorageError.corruptFile`, `FileError`.
  public convenience init(folder: String, salt: String) throws {
    try self.init(
      folder: folder, salt: salt,
      graph: DurableFile.size(of: VectorIndexLayout.graphPath(folder)) != nil)
  }

  init(folder: String, salt: String, graph hasGraph: Bool) throws {
    file = try CheckedFile(
      path: VectorIndexLayout.vectorsPath(folder), salt: VectorIndexLayout.vectorsSalt(salt))
    dimensions = try VectorIndexLayout.words(file, VectorIndexLayout.vectorsMagic, count: 1)[0]
    let bytes = file.count - VectorIndexLayout.headerBytes
    guard (1...VectorIndexLayout.dimensionLimit).contains(dimensions),
      bytes % (4 * dimensions) == 0, bytes / (4 * dimensions) <= VectorIndexLayout.countLimit
    else {
      throw VectorIndexError.badVectors(
        path: file.path, reason: "\(bytes) bytes of vectors of \(dimensions) numbers")
    }
    count = bytes / (4 * dimensions)
    graph =
      hasGraph ? try VectorGraph(folder: folder, salt: salt, vectorCount: count) : nil
  }

  /// Whether questions are answered by a graph, which may miss passages.
  public var hasGraph: Bool { graph != nil }

  /// A passage's vector, of length one or all zero.
  ///
  /// - Parameter passage: one of 0..<count.
  public func vector(_ passage: Int) throws -> [Float] {
    let bytes = try bytes(of: passage)
    return (0..<dimensions).map {
      Float(
        bitPattern: UInt32(
          littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
    }
  }

  /// The passages whose vectors point most nearly where the question's does, best first; equal
  /// ones by their number. A passage without direction (a vector of zeros) has the score 0, and is
  /// not found by a graph. A question without direction finds nothing.
  ///
  /// - Parameter k: how many at most.
  /// - Parameter allowed: the passages that may be found, `count` of them or more; all where `nil`.
  /// - Returns: passages and their cosines.
  /// - Throws: `VectorIndexError.wrongDimensions`, `.notFinite` for the question,
  ///   `StorageError.corruptFile`.
  /// - Complexity: linear in the vectors, about 10 GB of them a second; with a graph about
  ///   O(log n) where many passages are allowed.
  public func nearest(
    to question: [Float], k: Int, allowed: Bitset? = nil
  ) throws -> [(passage: Int, score: Float)] {
    if let allowed { precondition(allowed.count >= count, "a bit for each passage") }
    return try withUnit(question, k: k) { unit, k, out in
      try withWords(of: allowed) { words in
        try search(
          vectors(), question: unit, k: k, allowed: words,
          population: allowed?.population ?? count, into: out)
      }
    }
  }

  /// As `nearest`, always by the graph, of an index that has one.
  func walkGraph(to question: [Float], k: Int) throws -> [(passage: Int, score: Float)] {
    try withUnit(question, k: k) { unit, k, out in
      try graph?.nearest(
        vectors(), question: unit, k: k, effort: 2 * k, allowed: nil, into: out) ?? 0
    }
  }

  /// Calls `search` with a question of length one and room for what it finds.
  private func withUnit(
    _ question: [Float], k: Int,
    _ search: (UnsafePointer<Float>, Int, engram_nearest) throws -> Int
  ) throws -> [(passage: Int, score: Float)] {
    guard question.count == dimensions else {
      throw VectorIndexError.wrongDimensions(
        path: file.path, expected: dimensions, found: question.count)
    }
    var unit = question
    guard let length = UnitVector.make(of: question, into: &unit) else {
      throw VectorIndexError.notFinite(path: "the question", row: 0)
    }
    let k = min(k, count)
    guard k > 0, length > 0 else { return [] }
    defer { withExtendedLifetime(file) {} }
    var ids = [UInt32](repeating: 0, count: k)
    var scores = [Float](repeating: 0, count: k)
    let found = try ids.withUnsafeMutableBufferPointer { ids in
      try scores.withUnsafeMutableBufferPointer { scores in
        try search(
          unit, k, engram_nearest(ids: ids.baseAddress, scores: scores.baseAddress))
      }
    }
    guard found >= 0 else { throw VectorIndexError.outOfMemory(path: file.path) }
    return (0..<found).map { (Int(ids[$0]), scores[$0]) }
  }

  /// Passages fewer than this are compared one by one even where there is a graph.
  private static let fewPassages = 10_000
  /// Candidates of a walk: of 100,000 passages' embeddings, ten nearest are found with a recall of
  /// 0.95 to 0.99 (with 64 candidates 0.79 to 0.93), in half a millisecond.
  private static let leastEffort = 256

  private func search(
    _ vectors: engram_vectors, question: UnsafePointer<Float>, k: Int,
    allowed: UnsafePointer<UInt64>?, population: Int, into out: engram_nearest
  ) throws -> Int {
    // A graph visits about effort * count / population nodes, each at a random place of memory.
    guard let graph, population > max(Self.fewPassages, count / 16, 4 * k) else {
      return Int(engram_nearest_flat(vectors, question, k, allowed, out))
    }
    return try graph.nearest(
      vectors, question: question, k: k, effort: max(4 * k, Self.leastEffort), allowed: allowed,
      into: out)
  }

  private func withWords<R>(
    of allowed: Bitset?, _ body: (UnsafePointer<UInt64>?) throws -> R
  ) rethrows -> R {
    guard let allowed else { return try body(nil) }
    return try allowed.words.withUnsafeBufferPointer { try body($0.baseAddress) }
  }

  /// All vectors, checked. Valid while this object lives.
  func vectors() throws -> engram_vectors {
    let bytes = try file.allBytes()
    let numbers = bytes.baseAddress.map {
      ($0 + VectorIndexLayout.headerBytes).assumingMemoryBound(to: Float.self)
    }
    return engram_vectors(numbers: numbers, count: count, dimensions: dimensions)
  }

  /// The bytes of a passage's vector, checked. Valid while this object lives.
  func bytes(of passage: Int) throws -> UnsafeRawBufferPointer {
    precondition(passage >= 0 && passage < count)
    let start = VectorIndexLayout.headerBytes + passage * 4 * dimensions
    return try file.bytes(start..<start + 4 * dimensions)
  }
}
