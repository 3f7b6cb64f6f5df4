/// SentencePiece's precompiled character map: short texts and what replaces them, as a double-array
/// trie and the replacements, each ended by a zero byte (`Precompiled` in Hugging Face `tokenizers`).
///
/// The trie may hold anything: every step is checked against its size.
struct CharacterMap: Sendable {
  /// Larger maps are refused; the usual one has 240 KB.
  static let sizeLimit = 64 << 20

  private let units: [UInt32]
  /// The replacements, which are UTF-8 as a whole.
  private let texts: [UInt8]
  /// What becomes of each ASCII character; `nil` where it stays.
  private var ascii: [[UInt8]?] = Array(repeating: nil, count: 128)
  /// Whether an ASCII character stays.
  private var keeps = [Bool](repeating: true, count: 128)

  /// Reads the map: the trie's size in bytes (4, little-endian), the trie's units, the texts.
  init(base64: ArraySlice<UInt8>) throws(TokenizationError) {
    func invalid(_ reason: String) -> TokenizationError {
      .invalid(field: "normalizer.precompiled_charsmap", reason: reason)
    }
    guard base64.count <= Self.sizeLimit, let bytes = Base64.decode(base64) else {
      throw invalid("it is not Base64 of at most \(Self.sizeLimit) bytes")
    }
    func word(_ offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
    }
    guard bytes.count >= 4 else { throw invalid("it has no trie") }
    let size = Int(word(0))
    guard size % 4 == 0, size >= 4, size <= bytes.count - 4 else {
      throw invalid("its trie claims \(size) bytes, \(bytes.count - 4) are there")
    }
    units = (0..<size / 4).map { word(4 + 4 * $0) }
    texts = Array(bytes[(4 + size)...])
    guard texts.withUnsafeBufferPointer({ UTF8Text.firstError(in: $0) }) == nil else {
      throw invalid("its replacements are not UTF-8")
    }
    for byte in UInt8(0)..<128 {
      ascii[Int(byte)] = try withUnsafePointer(to: byte) { pointer throws(TokenizationError) in
        try replacement(pointer, 1).map(Array.init)
      }
      keeps[Int(byte)] = ascii[Int(byte)] == nil
    }
  }

  /// Appends the text with its grapheme clusters of up to 5 bytes replaced, else their characters.
  ///
  /// - Throws: `TokenizationError.textTooLong` soon after there are more than `limit` bytes.
  func append(
    _ text: UnsafeBufferPointer<UInt8>, to result: inout [UInt8], limit: Int
  )
    throws(TokenizationError)
  {
    guard let base = text.baseAddress else { return }
    var position = 0
    while position < text.count {
      guard result.count <= limit else {
        throw .textTooLong(count: result.count, limit: limit)
      }
      if endsCluster(base, position, text.count) {
        if keeps[Int(base[position])] {
          result.append(base[position])
        } else {
          result += ascii[Int(base[position])] ?? []
        }
        position += 1
        continue
      }
      // Up to the next place that is certain to be between two clusters.
      var end = position + 1
      while end < text.count, !endsCluster(base, end, text.count) { end += 1 }
      // The character there belongs to the last cluster or begins one; clusters decide.
      end = min(end + 1, text.count)
      let cut = UnsafeBufferPointer(start: base + position, count: end - position)
      for cluster in String(decoding: cut, as: UTF8.self) {
        guard result.count <= limit else {
          throw .textTooLong(count: result.count, limit: limit)
        }
        try append(base + position, cluster.utf8.count, to: &result)
        position += cluster.utf8.count
      }
    }
  }

  /// Whether an ASCII character stands here and an ASCII character that begins a cluster after it,
  /// or nothing.
  @inline(__always)
  private func endsCluster(
    _ base: UnsafePointer<UInt8>, _ position: Int, _ count: Int
  ) -> Bool {
    guard base[position] < 0x80 else { return false }
    guard position + 1 < count else { return true }
    return base[position + 1] < 0x80
      && !(base[position] == 0x0D && base[position + 1] == 0x0A)
  }

  private func append(
    _ cluster: UnsafePointer<UInt8>, _ count: Int, to result: inout [UInt8]
  ) throws(TokenizationError) {
    if count < 6, let found = try replacement(cluster, count) {
      result += found
      return
    }
    var position = 0
    while position < count {
      let length = UTF8Text.scalar(cluster, position).length
      if let found = try replacement(cluster + position, length) {
        result += found
      } else {
        result += UnsafeBufferPointer(start: cluster + position, count: length)
      }
      position += length
    }
  }

  /// What replaces a text: the entry of its shortest prefix that has one.
  ///
  /// A unit of the trie: label in the lowest 8 bits and bit 31, whether a value is below it in bit
  /// 8, the offset to its children from bit 10 on, times 256 where bit 9 is set.
  private func replacement(
    _ text: UnsafePointer<UInt8>, _ count: Int
  ) throws(TokenizationError) -> ArraySlice<UInt8>? {
    func unit(_ index: Int) throws(TokenizationError) -> UInt32 {
      guard index < units.count else {
        throw .invalid(
          field: "normalizer.precompiled_charsmap", reason: "its trie leads out of itself")
      }
      return units[index]
    }
    func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 1 << 9) >> 6) }
    var node = offset(units[0])
    for index in 0..<count {
      let byte = text[index]
      guard byte != 0 else { return nil }
      node ^= Int(byte)
      let found = try unit(node)
      guard found & (1 << 31 | 0xFF) == UInt32(byte) else { return nil }
      node ^= offset(found)
      guard found & 1 << 8 != 0 else { continue }
      let start = Int(try unit(node) & 0x7FFF_FFFF)
      guard start <= texts.count, start == texts.count || texts[start] & 0xC0 != 0x80 else {
        throw .invalid(
          field: "normalizer.precompiled_charsmap", reason: "a replacement is not among its texts")
      }
      return texts[start...].prefix { $0 != 0 }
    }
    return nil
  }
}
