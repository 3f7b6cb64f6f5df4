import CUnicode

/// Unicode transformations of UTF-8 text, as Hugging Face `tokenizers` does each of them.
package enum UnicodeText {
  /// A Unicode normalisation form (UAX #15).
  package enum Form: String, Sendable, CaseIterable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"

    fileprivate var normalizer: UnsafeRawPointer {
      let normalizer =
        switch self {
        case .nfc: engram_normalizer_nfc()
        case .nfd: engram_normalizer_nfd()
        case .nfkc: engram_normalizer_nfkc()
        case .nfkd: engram_normalizer_nfkd()
        }
      // The data of these forms is part of the library itself.
      guard let normalizer else { fatalError("ICU has no data for \(rawValue)") }
      return normalizer
    }
  }

  /// The normalised text; `text` must be well-formed UTF-8.
  ///
  /// - Complexity: linear; beside the result, memory for a piece of 32 Ki code units (more only
  ///   where that many combining marks follow each other).
  package static func normalized(_ text: UnsafeBufferPointer<UInt8>, _ form: Form) -> [UInt8] {
    guard let base = text.baseAddress else { return [] }
    guard !UTF8Text.isASCII(text) else { return Array(text) }
    let normalizer = form.normalizer
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var piece: [UInt16] = []
    var buffer: [UInt16] = []
    var index = 0
    while index < text.count {
      let (value, length) = UTF8Text.scalar(base, index)
      // Text on the two sides of a boundary is normalised apart: that is what makes it one.
      if piece.count >= 1 << 15, engram_has_boundary_before(normalizer, Int32(value)) != 0 {
        flush(&piece, normalizer, &buffer, into: &result)
      }
      appendUnits(of: value, to: &piece)
      index += length
    }
    flush(&piece, normalizer, &buffer, into: &result)
    return result
  }

  /// The normalised text.
  package static func normalized(_ text: [UInt8], _ form: Form) -> [UInt8] {
    text.withUnsafeBufferPointer { normalized($0, form) }
  }

  /// The text without its marks (categories Mn, Mc and Me: `StripAccents` drops all three).
  package static func withoutMarks(_ text: [UInt8]) -> [UInt8] {
    mapScalars(text) { value, result in
      if engram_is_mark(Int32(value)) == 0 { UTF8Text.append(value, to: &result) }
    }
  }

  /// The text in lower case, each scalar on its own: no rule looks at a neighbour, so a final
  /// sigma is a sigma.
  package static func lowercasedByScalar(_ text: [UInt8]) -> [UInt8] {
    mapScalars(text) { value, result in
      if value < 0x80 {
        result.append(UInt8(value) | (value >= 0x41 && value <= 0x5A ? 0x20 : 0))
        return
      }
      withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 4) { units in
        let count = engram_lowercase(Int32(value), units.baseAddress)
        appendScalars(of: units, count: Int(min(count, 4)), to: &result)
      }
    }
  }

  /// The text without white space (Unicode White_Space) at both ends.
  package static func strippingWhitespace(_ text: [UInt8]) -> ArraySlice<UInt8> {
    text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return text[...] }
      let start = whitespaceEnd(base, 0, buffer.count)
      let end = whitespaceStart(base, start, buffer.count)
      return text[start..<end]
    }
  }

  /// Where the white space that begins at `start` ends.
  static func whitespaceEnd(_ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var index = start
    while index < end {
      let (value, length) = UTF8Text.scalar(base, index)
      guard engram_is_white_space(Int32(value)) != 0 else { break }
      index += length
    }
    return index
  }

  /// Where the white space that ends at `end` starts.
  static func whitespaceStart(_ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var index = end
    while index > start {
      let previous = UTF8Text.previous(base, index)
      guard engram_is_white_space(Int32(UTF8Text.scalar(base, previous).value)) != 0 else { break }
      index = previous
    }
    return index
  }

  /// Whether the scalar at `position` is a word character (`\w`).
  static func isWord(_ base: UnsafePointer<UInt8>, at position: Int) -> Bool {
    engram_is_word(Int32(UTF8Text.scalar(base, position).value)) != 0
  }

  private static func mapScalars(
    _ text: [UInt8], _ body: (UInt32, inout [UInt8]) -> Void
  ) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      var index = 0
      while index < buffer.count {
        let (value, length) = UTF8Text.scalar(base, index)
        body(value, &result)
        index += length
      }
    }
    return result
  }

  private static func appendUnits(of value: UInt32, to units: inout [UInt16]) {
    if value < 0x10000 {
      units.append(UInt16(value))
    } else {
      units.append(UInt16(0xD7C0 + value >> 10))
      units.append(UInt16(0xDC00 | value & 0x3FF))
    }
  }

  private static func flush(
    _ piece: inout [UInt16], _ normalizer: UnsafeRawPointer, _ buffer: inout [UInt16],
    into result: inout [UInt8]
  ) {
    guard !piece.isEmpty else { return }
    var capacity = max(buffer.count, piece.count * 2)
    while true {
      if buffer.count < capacity { buffer = [UInt16](repeating: 0, count: capacity) }
      let length = Int(
        engram_normalize(normalizer, piece, Int32(piece.count), &buffer, Int32(buffer.count)))
      guard length >= 0 else { fatalError("ICU is out of memory") }
      if length <= buffer.count {
        buffer.withUnsafeBufferPointer { appendScalars(of: $0, count: length, to: &result) }
        break
      }
      capacity = length
    }
    piece.removeAll(keepingCapacity: true)
  }

  private static func appendScalars(
    of units: some RandomAccessCollection<UInt16>, count: Int, to result: inout [UInt8]
  ) {
    var rest = units.prefix(max(0, count)).makeIterator()
    while let unit = rest.next() {
      if unit & 0xFC00 == 0xD800, let low = rest.next() {
        UTF8Text.append(
          0x10000 + (UInt32(unit) & 0x3FF) << 10 + UInt32(low) & 0x3FF, to: &result)
      } else {
        UTF8Text.append(UInt32(unit), to: &result)
      }
    }
  }
}
