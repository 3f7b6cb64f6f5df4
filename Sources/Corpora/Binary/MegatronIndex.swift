/// Megatron-LM's index of a `.bin` file: `MMIDIDX\0\0`, version 1, the type of the tokens, counts,
/// then sizes and places of the sequences and the documents' first sequences.
///
/// Sizes and places are read when they are asked for, a window at a time.
final class MegatronIndex {
  /// What a sequence is.
  struct Sequence: Hashable {
    /// Its first byte in the `.bin` file.
    var offset: Int
    /// Its tokens.
    var tokens: Int
  }

  /// What tokens are stored as.
  let type: IntegerType
  /// Sequences of the file.
  let count: Int
  /// The index's file.
  let file: RegularFile

  private static let headBytes = 34
  private static let windowSequences = 1 << 13
  private var window: Range<Int> = 0..<0
  private var sizes: [UInt8] = []
  private var places: [UInt8] = []

  /// Opens an index and checks its head against its size.
  init(path: String) throws {
    file = try RegularFile(path: path)
    guard file.count >= Self.headBytes else {
      throw BinaryFault("its index \(path) has \(file.count) bytes, too few for a head")
    }
    let head = try Self.read(file, Self.headBytes, at: 0)
    guard head.starts(with: Array("MMIDIDX\0\0".utf8)) else {
      throw BinaryFault("its index \(path) does not begin with MMIDIDX")
    }
    let version = head.number(UInt64.self, at: 9)
    guard version == 1 else {
      throw BinaryFault("its index \(path) is of version \(version), only 1 is known")
    }
    guard let type = Self.type(code: head[17]) else {
      throw BinaryFault("its index \(path) says type \(head[17]), which is no type of integers")
    }
    let sequences = head.number(UInt64.self, at: 18)
    let documents = head.number(UInt64.self, at: 26)
    // No product can overflow: neither count is more than the file has bytes.
    let size = UInt64(file.count)
    guard sequences <= size / 12, documents <= size / 8,
      [0, sequences].contains(where: { 34 + 12 * sequences + 8 * documents + $0 == size })
    else {
      throw BinaryFault(
        "its index \(path) claims \(sequences) sequences and \(documents) documents, which its "
          + "\(size) bytes do not hold; copy the file again")
    }
    self.type = type
    count = Int(sequences)
  }

  /// A sequence, its place not yet checked against the `.bin` file.
  ///
  /// - Throws: `BinaryFault` where its numbers are none of a sequence.
  func sequence(_ index: Int) throws -> Sequence {
    if !window.contains(index) {
      let range = index..<min(count, index + Self.windowSequences)
      sizes = try Self.read(file, 4 * range.count, at: Self.headBytes + 4 * index)
      places = try Self.read(file, 8 * range.count, at: Self.headBytes + 4 * count + 8 * index)
      window = range
    }
    let tokens = sizes.number(Int32.self, at: 4 * (index - window.lowerBound))
    let offset = places.number(Int64.self, at: 8 * (index - window.lowerBound))
    guard tokens >= 0, offset >= 0, offset < Int64.max - Int64(1) << 35 else {
      throw BinaryFault("its index gives it \(tokens) tokens at byte \(offset)")
    }
    return Sequence(offset: Int(offset), tokens: Int(tokens))
  }

  private static func read(_ file: RegularFile, _ count: Int, at offset: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
    guard got == count else { throw BinaryFault.cutOff("its index \(file.path)", at: offset + got) }
    return bytes
  }

  /// Megatron-LM's `DType`; 6 and 7 are floating-point numbers.
  private static func type(code: UInt8) -> IntegerType? {
    switch code {
    case 1: .uint8
    case 2: .int8
    case 3: .int16
    case 4: .int32
    case 5: .int64
    case 8: .uint16
    default: nil
    }
  }

  /// The index that belongs to a `.bin` file, compressed or not.
  static func path(of binary: String, compression: String?) -> String {
    var stem = binary
    if let compression, stem.hasSuffix("." + compression) {
      stem.removeLast(compression.count + 1)
    }
    if stem.hasSuffix(".bin") { stem.removeLast(4) }
    return stem + ".idx"
  }
}
