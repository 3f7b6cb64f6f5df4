import CVectorGraph
import Storage

/// A graph of vectors as it lies in its file: sizes are checked here, neighbours when a search
/// meets them.
struct VectorGraph: Sendable {
  private let file: CheckedFile
  private let nodes: Int
  private let degree: Int
  private let groundDegree: Int
  private let blocks: Int
  private let levels: Int
  private let entry: Int

  /// - Throws: `VectorIndexError.badVectors` where the sizes do not fit each other,
  ///   `StorageError`, `FileError`.
  init(folder: String, salt: String, vectorCount: Int) throws {
    file = try CheckedFile(
      path: VectorIndexLayout.graphPath(folder), salt: VectorIndexLayout.graphSalt(salt))
    let words = try VectorIndexLayout.words(file, VectorIndexLayout.graphMagic, count: 6)
    (nodes, degree, groundDegree) = (words[0], words[1], words[2])
    (blocks, levels, entry) = (words[3], words[4], words[5])
    func check(_ isGood: Bool, _ reason: String) throws {
      guard isGood else { throw VectorIndexError.badVectors(path: file.path, reason: reason) }
    }
    try check(
      nodes <= vectorCount && entry < nodes, "\(nodes) nodes from \(entry), \(vectorCount) vectors")
    try check(
      degree <= VectorIndexLayout.degreeLimit && groundDegree <= VectorIndexLayout.degreeLimit,
      "\(degree) and \(groundDegree) neighbours a node")
    try check(levels <= VectorIndexLayout.levelLimit, "\(levels) levels")
    try check(blocks <= nodes * VectorIndexLayout.levelLimit, "\(blocks) blocks")
    let wordCount = 2 * nodes + nodes * (groundDegree + 1) + blocks * (degree + 1)
    try check(
      file.count == VectorIndexLayout.headerBytes + 4 * wordCount,
      "\(file.count) bytes, its header tells of \(4 * wordCount) after it")
  }

  /// Passages near the question, found by looking at `effort` candidates.
  func nearest(
    _ vectors: engram_vectors, question: UnsafePointer<Float>, k: Int, effort: Int,
    allowed: UnsafePointer<UInt64>?, into out: engram_nearest
  ) throws -> Int {
    let bytes = try file.allBytes()
    defer { withExtendedLifetime(file) {} }
    guard let start = bytes.baseAddress else { return 0 }
    let words = (start + VectorIndexLayout.headerBytes).assumingMemoryBound(to: UInt32.self)
    let graph = engram_graph(
      passages: words, nodes: nodes,
      ground: words + 2 * nodes, ground_degree: UInt32(groundDegree),
      upper: words + 2 * nodes + nodes * (groundDegree + 1), upper_blocks: blocks,
      degree: UInt32(degree), upper_starts: words + nodes, levels: UInt32(levels),
      entry: UInt32(entry))
    return Int(
      engram_nearest_by_graph(graph, vectors, question, k, effort, allowed, out))
  }
}
