import CVectorGraph
import Files
import Storage

/// Builds the graph of an index's vectors and writes it. Vectors of zeros are left out.
///
/// The same vectors always make the same graph.
enum VectorGraphWriter {
  /// Vectors between two calls of `progress`.
  private static let step = 1024

  static func write(
    of index: VectorIndex, folder: String, salt: String, progress: (Int, Int) throws -> Void
  ) throws {
    let path = VectorIndexLayout.graphPath(folder)
    let vectors = try index.vectors()
    guard
      let builder = engram_graph_builder_open(
        vectors, index.count, UInt32(VectorIndexLayout.degree),
        UInt32(VectorIndexLayout.buildEffort))
    else { throw VectorIndexError.outOfMemory(path: path) }
    defer { engram_graph_builder_close(builder) }
    for passage in 0..<index.count {
      if passage % step == 0 { try progress(passage, index.count) }
      let row = vectors.numbers + passage * index.dimensions
      guard (0..<index.dimensions).contains(where: { row[$0] != 0 }) else { continue }
      guard engram_graph_builder_add(builder, UInt32(passage)) == 0 else {
        throw VectorIndexError.outOfMemory(path: path)
      }
    }
    withExtendedLifetime(index) {}
    try progress(index.count, index.count)
    try write(builder, to: path, salt: salt)
  }

  private static func write(_ builder: OpaquePointer, to path: String, salt: String) throws {
    let nodes = engram_graph_builder_nodes(builder)
    // A graph of nothing is never asked for.
    guard nodes > 0 else { return }
    var starts = [UInt32](repeating: .max, count: nodes)
    var blocks: UInt32 = 0
    var highest: UInt32 = 0
    for node in 0..<nodes {
      let level = engram_graph_builder_level(builder, UInt32(node))
      highest = max(highest, level)
      guard level > 0 else { continue }
      starts[node] = blocks
      blocks += level
    }
    let degree = VectorIndexLayout.degree
    let writer = try CheckedFileWriter(
      creating: path, salt: VectorIndexLayout.graphSalt(salt))
    try writer.append(
      VectorIndexLayout.header(
        VectorIndexLayout.graphMagic,
        [
          UInt32(nodes), UInt32(degree), UInt32(2 * degree), blocks, highest,
          engram_graph_builder_entry(builder),
        ]))
    for node in 0..<nodes {
      let passage = engram_graph_builder_passage(builder, UInt32(node)).littleEndian
      try withUnsafeBytes(of: passage) { try writer.append($0) }
    }
    try starts.withUnsafeBytes { try writer.append($0) }
    var links = [UInt32](repeating: 0, count: 2 * degree + 1)
    for node in 0..<UInt32(nodes) {
      engram_graph_builder_links(builder, node, 0, &links)
      try links.withUnsafeBytes { try writer.append($0) }
    }
    links.removeLast(degree)
    for node in 0..<UInt32(nodes) where starts[Int(node)] != .max {
      for level in 1...engram_graph_builder_level(builder, node) {
        engram_graph_builder_links(builder, node, level, &links)
        try links.withUnsafeBytes { try writer.append($0) }
      }
    }
    try writer.finish()
  }
}
