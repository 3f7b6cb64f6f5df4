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
    var marks: [(order: Int32, value: UInt32)] = []
    var index = 0
    while index < text.count {
      let (value, length) = UTF8Text.scalar(base, index)
      index += length
      if appendMark(value, form, to: &marks) { continue }
      appendMarks(&marks, to: &piece)
      // Text on the two sides of a boundary is normalised apart: that is what makes it one.
      if piece.count >= 1 << 15, engram_has_boundary_before(normalizer, Int32(value)) != 0 {
        flush(&piece, normalizer, &buffer, into: &result)
      }
      appendUnits(of: value, to: &piece)
    }
    appendMarks(&marks, to: &piece)
    flush(&piece, normalizer, &buffer, into: &result)
    return result
  }

  /// The canonical combining class; 0 of most characters, for which it is not asked.
  private static func combiningClass(_ value: UInt32) -> Int32 {
    guard value >= 0x300, !(0x3100..<0xA600).contains(value) else { return 0 }
    return engram_combining_class(Int32(value))
  }

  /// Takes a scalar that is a mark, or becomes marks; false of all others.
  @inline(__always)
  private static func appendMark(
    _ value: UInt32, _ form: Form, to marks: inout [(order: Int32, value: UInt32)]
  ) -> Bool {
    let order = combiningClass(value)
    if order != 0 {
      marks.append((order, value))
      return true
    }
    // The only scalars of class 0 that are decomposed into marks alone.
    let parts: [UInt32]
    switch value {
    case 0x0F73: parts = [0x0F71, 0x0F72]
    case 0x0F75: parts = [0x0F71, 0x0F74]
    case 0x0F81: parts = [0x0F71, 0x0F80]
    case 0xFF9E where form == .nfkc || form == .nfkd: parts = [0x3099]
    case 0xFF9F where form == .nfkc || form == .nfkd: parts = [0x309A]
    default: return false
    }
    for part in parts { marks.append((combiningClass(part), part)) }
    return true
  }

  /// Appends marks that follow each other. Many of them are put in canonical order here, which makes an
  /// equivalent text: ICU takes the square of their number to do it.
  private static func appendMarks(
    _ marks: inout [(order: Int32, value: UInt32)], to piece: inout [UInt16]
  ) {
    guard !marks.isEmpty else { return }
    if marks.count > 64 {
      var places = [Int](repeating: 0, count: 257)
      for mark in marks { places[Int(mark.order & 255) + 1] += 1 }
      for order in 1..<257 { places[order] += places[order - 1] }
      var sorted = marks
      for mark in marks {
        sorted[places[Int(mark.order & 255)]] = mark
        places[Int(mark.order & 255)] += 1
      }
      marks = sorted
    }
    for mark in marks { appendUnits(of: mark.value, to: &piece) }
    marks.removeAll(keepingCapacity: true)
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
