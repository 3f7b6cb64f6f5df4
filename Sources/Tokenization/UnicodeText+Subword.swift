import CUnicode

/// What only tokenizers of subwords need.
extension UnicodeText {
  /// The text without white space (Unicode White_Space) at the ends that are named.
  static func stripping(_ text: [UInt8], left: Bool, right: Bool) -> [UInt8] {
    text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return [] }
      let start = left ? whitespaceEnd(base, 0, buffer.count) : 0
      let end = right ? whitespaceStart(base, start, buffer.count) : buffer.count
      return Array(buffer[start..<end])
    }
  }

  /// The text without its nonspacing marks (category Mn).
  static func withoutNonspacingMarks(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      var position = 0
      while position < buffer.count {
        let (value, length) = UTF8Text.scalar(base, position)
        // No scalar below U+0300 is a mark.
        if value < 0x300
          || Unicode.Scalar(value)?.properties.generalCategory != .nonspacingMark
        {
          result += buffer[position..<position + length]
        }
        position += length
      }
    }
    return result
  }

  /// Whether a scalar is white space (Unicode White_Space).
  static func isWhitespace(_ value: UInt32) -> Bool {
    value < 0x80
      ? value == 0x20 || (0x09...0x0D).contains(value) : engram_is_white_space(Int32(value)) != 0
  }
}
