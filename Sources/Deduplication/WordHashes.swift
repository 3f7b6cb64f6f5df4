import CUnicode

/// Calls a closure with the hash of each word of a text, in order.
///
/// A word is a run of letters, marks and digits, in lower case; in scripts that are written without
/// spaces each character is a word. Bytes that are no UTF-8 part words. A word's hash is FNV-1a, 64
/// bits wide, over its UTF-16 code units, not over bytes. `Schemas/deduplication.md` has the rules.
enum WordHashes {
  private static let offset: UInt64 = 0xCBF2_9CE4_8422_2325
  private static let prime: UInt64 = 0x0000_0100_0000_01B3

  /// The lower case of an ASCII letter or digit; 0 for all other bytes.
  private static let ascii: [UInt8] = (0..<256).map { byte in
    switch UInt8(byte) {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): UInt8(byte)
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt8(byte) | 0x20
    default: 0
    }
  }

  @inline(__always)
  static func forEach(of text: UnsafeRawBufferPointer, _ body: (UInt64) -> Void) {
    ascii.withUnsafeBufferPointer { ascii in
      var hash = offset
      var index = 0
      while index < text.count {
        let byte = text[index]
        if byte < 0x80 {
          let lower = ascii[Int(byte)]
          if lower != 0 {
            hash = (hash ^ UInt64(lower)) &* prime
          } else if hash != offset {
            body(hash)
            hash = offset
          }
          index += 1
          continue
        }
        let (scalar, length) = scalar(of: text, at: index)
        index += length
        if scalar < 0x80 || engram_is_word(Int32(scalar)) == 0 {
          if hash != offset {
            body(hash)
            hash = offset
          }
        } else if isUnspaced(scalar) {
          if hash != offset { body(hash) }
          body(add(scalar, to: offset))
          hash = offset
        } else {
          hash = add(scalar, to: hash)
        }
      }
      if hash != offset { body(hash) }
    }
  }

  private static func add(_ scalar: UInt32, to hash: UInt64) -> UInt64 {
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 4) { units in
      var hash = hash
      let count = engram_lowercase(Int32(scalar), units.baseAddress)
      for unit in units[0..<max(0, min(4, Int(count)))] { hash = (hash ^ UInt64(unit)) &* prime }
      return hash
    }
  }

  /// The scalar at `index`, whose byte is not ASCII, and its bytes; (0, 1) where there is none.
  private static func scalar(
    of text: UnsafeRawBufferPointer, at index: Int
  ) -> (scalar: UInt32, length: Int) {
    let first = UInt32(text[index])
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    guard first >= 0xC2, first < 0xF5, text.count - index >= length else { return (0, 1) }
    var scalar = first & (0x7F >> UInt32(length))
    for offset in 1..<length {
      let byte = UInt32(text[index + offset])
      guard byte & 0xC0 == 0x80 else { return (0, 1) }
      scalar = scalar << 6 | byte & 0x3F
    }
    let least: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x1_0000
    guard scalar >= least, scalar <= 0x10_FFFF, scalar & ~0x7FF != 0xD800 else { return (0, 1) }
    return (scalar, length)
  }

  /// Is this a character of a script that is written without spaces?
  private static func isUnspaced(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0..<0x0E00: false
    case 0x0E00...0x109F: true  // Thai, Lao, Tibetan, Myanmar
    case 0x1780...0x17FF, 0x19E0...0x19FF: true  // Khmer
    case 0x2E80...0x31BF, 0x31F0...0x31FF: true  // Han radicals, Kana, Bopomofo
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF: true  // Han
    case 0xA9E0...0xA9FF, 0xAA60...0xAA7F: true  // Myanmar
    case 0xFF66...0xFF9F: true  // half-width Kana
    case 0x1_AFF0...0x1_B16F, 0x2_0000...0x3_FFFF: true  // Kana, Han
    default: false
    }
  }
}
