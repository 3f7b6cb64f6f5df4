import CUnicode

/// Words by the rule as it is written, over a whole text at once: what the reader is compared with.
struct PlainWords {
  struct Word: Hashable {
    var range: Range<Int>
    var folded: [UInt8]
  }

  private(set) var words: [Word] = []

  init(_ bytes: [UInt8]) {
    var units: [UInt16] = []
    var offsets: [Int] = []
    var at = 0
    while at < bytes.count {
      let (scalar, length) = Self.scalar(bytes[at...])
      for unit in UTF16.encode(scalar)! {
        units.append(unit)
        offsets.append(at)
      }
      at += length
    }
    offsets.append(bytes.count)
    var ends = [Int32](repeating: 0, count: units.count)
    let count = engram_word_breaks(units, Int32(units.count), &ends)
    var start = 0
    for segment in 0..<Int(count) {
      let end = Int(ends[segment])
      add(units, start..<end, offsets)
      start = end
    }
  }

  private mutating func add(_ units: [UInt16], _ range: Range<Int>, _ offsets: [Int]) {
    var start: Int?
    var at = range.lowerBound
    while at <= range.upperBound {
      var kind: Int32 = 0
      var width = 1
      if at < range.upperBound {
        let scalar = String(decoding: units[at..<min(at + 2, range.upperBound)], as: UTF16.self)
          .unicodeScalars.first!
        width = scalar.value < 0x10000 ? 1 : 2
        kind = engram_word_class(Int32(scalar.value))
      }
      if kind == 1, start == nil { start = at }
      if kind == 0, let first = start {
        let folded = Self.folded(Array(units[first..<at]))
        if !folded.isEmpty {
          words.append(Word(range: offsets[first]..<offsets[at], folded: folded))
        }
        start = nil
      }
      at += width
    }
  }

  /// The scalar that bytes begin with, and its bytes; U+FFFD and 1 where they are no UTF-8.
  private static func scalar(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int) {
    for length in 1...min(4, bytes.count) {
      if let text = String(validating: bytes.prefix(length), as: UTF8.self) {
        return (text.unicodeScalars.first!, length)
      }
    }
    return ("\u{FFFD}", 1)
  }

  /// The first 64 bytes of NFKC_Casefold.
  static func folded(_ units: [UInt16]) -> [UInt8] {
    var out = [UInt16](repeating: 0, count: 18 * units.count + 1)
    let count = engram_normalize(
      engram_normalizer_nfkc_casefold(), units, Int32(units.count), &out, Int32(out.count))
    var bytes: [UInt8] = []
    for scalar in String(decoding: out[..<Int(count)], as: UTF16.self).unicodeScalars {
      let encoded = Array(String(scalar).utf8)
      guard bytes.count + encoded.count <= 64 else { break }
      bytes += encoded
    }
    return bytes
  }
}
