import Files
import Storage

/// How the two files of a segment's vectors begin: a header of 64 bytes of little-endian words.
///
/// `vectors`: the header, then each vector's numbers (float32), of length one or all zero.
/// `graph`: the header, then four lists of words: the passage of each node, where its blocks above
/// the ground begin, the neighbours on the ground, and those blocks.
enum VectorIndexLayout {
  static let headerBytes = 64
  static let vectorsMagic: UInt64 = 0x762D_6D61_7267_6E65  // engram-v
  static let graphMagic: UInt64 = 0x672D_6D61_7267_6E65  // engram-g
  static let version: UInt32 = 1

  /// The most vectors of a segment.
  static let countLimit = 1 << 24
  static let dimensionLimit = 1 << 16
  /// Neighbours of a node above the ground; on the ground twice as many.
  static let degree = 16
  static let degreeLimit = 1 << 10
  /// Candidates while the graph is built.
  static let buildEffort = 100
  /// Levels above the ground that a graph may have.
  static let levelLimit = 64

  static func vectorsPath(_ folder: String) -> String { folder + "/vectors" }
  static func graphPath(_ folder: String) -> String { folder + "/graph" }
  static func vectorsSalt(_ salt: String) -> String { salt + "/vectors" }
  static func graphSalt(_ salt: String) -> String { salt + "/graph" }

  /// A header that begins with a magic number and a version.
  static func header(_ magic: UInt64, _ words: [UInt32]) -> [UInt8] {
    var bytes: [UInt8] = []
    withUnsafeBytes(of: magic.littleEndian) { bytes += $0 }
    for word in [version] + words { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
    return bytes + [UInt8](repeating: 0, count: headerBytes - bytes.count)
  }

  /// The words of a header after its version.
  static func words(
    _ file: CheckedFile, _ magic: UInt64, count: Int
  ) throws -> [Int] {
    func bad(_ reason: String) -> VectorIndexError {
      .badVectors(path: file.path, reason: reason)
    }
    guard file.count >= headerBytes else { throw bad("\(file.count) bytes, less than a header") }
    let header = try file.bytes(0..<headerBytes)
    guard UInt64(littleEndian: header.loadUnaligned(as: UInt64.self)) == magic else {
      throw bad("it does not begin as such a file")
    }
    func word(_ index: Int) -> UInt32 {
      UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 8 + 4 * index, as: UInt32.self))
    }
    guard word(0) == version else {
      throw bad("format \(word(0)), this program knows \(version); build the index again")
    }
    return (1...count).map { Int(word($0)) }
  }
}
