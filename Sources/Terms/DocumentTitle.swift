/// The title that a text gives itself: its first heading.
public enum DocumentTitle {
  /// A heading is looked for in this many bytes.
  private static let searched = 16 << 10
  /// The most bytes of a title.
  private static let longest = 200

  /// The first heading of a text: of Markdown (`# T`) and AsciiDoc (`= T`) between empty lines (as
  /// lines of code begin with `# ` too), reStructuredText (a line with a line of one punctuation below
  /// it), HTML (`<title>`, `<h1>`) or troff (the line below `.SH NAME`).
  ///
  /// - Returns: its bytes, whole scalars, at most 200; `nil` where there is none.
  public static func heading(of text: UnsafeRawBufferPointer) -> Range<Int>? {
    let end = min(text.count, searched)
    // A script has comments, but no headings.
    if text.starts(with: "#!".utf8) { return nil }
    if let tagged = tagged(text, end) { return tagged }
    var previous: Range<Int>?
    var isAfterName = false
    var isCode = false
    var start = 0
    while start < end {
      var stop = start
      while stop < end, text[stop] != newline { stop += 1 }
      let line = trimmed(start..<stop, text)
      let isIndented = line.lowerBound > start
      start = stop + 1
      defer { previous = line.isEmpty ? nil : line }
      if isAfterName, !line.isEmpty { return title(line, text) }
      if isFence(line, text) {
        isCode.toggle()
        continue
      }
      if isCode { continue }
      if isLine(line, is: ".SH NAME", text) { isAfterName = true }
      if previous == nil, !isIndented, isBlankLine(start, text),
        let marked = marked(line, text)
      {
        return title(marked, text)
      }
      if let above = previous, isUnderline(line, of: above, text) { return title(above, text) }
    }
    return nil
  }

  private static let newline = UInt8(ascii: "\n")

  private static func trimmed(_ range: Range<Int>, _ text: UnsafeRawBufferPointer) -> Range<Int> {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high, text[low] <= UInt8(ascii: " ") { low += 1 }
    while high > low, text[high - 1] <= UInt8(ascii: " ") { high -= 1 }
    return low..<high
  }

  private static func isLine(
    _ line: Range<Int>, is expected: StaticString, _ text: UnsafeRawBufferPointer
  ) -> Bool {
    text[line].elementsEqual(
      UnsafeRawBufferPointer(start: expected.utf8Start, count: expected.utf8CodeUnitCount))
  }

  /// Whether a line begins or ends a block of code.
  private static func isFence(_ line: Range<Int>, _ text: UnsafeRawBufferPointer) -> Bool {
    line.count >= 3 && text[line].prefix(3).allSatisfy { $0 == UInt8(ascii: "`") }
  }

  /// Whether the line that begins at an offset, which may be the text's end, is empty.
  private static func isBlankLine(_ start: Int, _ text: UnsafeRawBufferPointer) -> Bool {
    guard start < text.count else { return true }
    let rest = text[start..<min(text.count, start + searched)]
    return rest.first { $0 > UInt8(ascii: " ") || $0 == newline } ?? newline == newline
  }

  /// What follows `# ` or `= `, unless it is what begins files of code.
  private static func marked(_ line: Range<Int>, _ text: UnsafeRawBufferPointer) -> Range<Int>? {
    guard line.count > 2, text[line.lowerBound + 1] == UInt8(ascii: " ") else { return nil }
    let mark = text[line.lowerBound]
    guard mark == UInt8(ascii: "#") || mark == UInt8(ascii: "=") else { return nil }
    var rest = trimmed(line.lowerBound + 2..<line.upperBound, text)
    while !rest.isEmpty, text[rest.upperBound - 1] == mark {
      rest = rest.lowerBound..<rest.upperBound - 1
    }
    rest = trimmed(rest, text)
    let isLicence = text[rest].starts(with: "SPDX-License-Identifier".utf8)
    return rest.isEmpty || isLicence ? nil : rest
  }

  /// Whether a line underlines the one above it: one kind of punctuation, about as long.
  private static func isUnderline(
    _ line: Range<Int>, of above: Range<Int>, _ text: UnsafeRawBufferPointer
  ) -> Bool {
    guard line.count >= 3, let mark = text[line].first, adornments.contains(mark),
      text[line].allSatisfy({ $0 == mark }), !adornments.contains(text[above.lowerBound])
    else { return false }
    // YAML begins documents so.
    if line.count == 3, mark == UInt8(ascii: "-") { return false }
    let width = text[above].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    return line.count + 2 >= width
  }

  private static let adornments = Array("=-~^\"'`#*+:.<>_".utf8)

  /// A range of at most `longest` bytes, whole scalars.
  private static func title(_ range: Range<Int>, _ text: UnsafeRawBufferPointer) -> Range<Int>? {
    guard !range.isEmpty else { return nil }
    var end = min(range.upperBound, range.lowerBound + longest)
    while end > range.lowerBound, end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
    let shortened = trimmed(range.lowerBound..<end, text)
    return shortened.isEmpty ? nil : shortened
  }

  /// What stands in `<title>` or `<h1>`, up to the next tag.
  private static func tagged(_ text: UnsafeRawBufferPointer, _ end: Int) -> Range<Int>? {
    var index = 0
    while index < end {
      guard text[index] == UInt8(ascii: "<") else {
        index += 1
        continue
      }
      index += 1
      guard isTag("title", at: index, text, end) || isTag("h1", at: index, text, end) else {
        continue
      }
      while index < end, text[index] != UInt8(ascii: ">") { index += 1 }
      let start = min(end, index + 1)
      index = start
      while index < end, text[index] != UInt8(ascii: "<") { index += 1 }
      if let found = title(trimmed(start..<index, text), text) { return found }
    }
    return nil
  }

  private static func isTag(
    _ name: String, at index: Int, _ text: UnsafeRawBufferPointer, _ end: Int
  ) -> Bool {
    let name = name.utf8
    guard index + name.count < end else { return false }
    for (offset, byte) in name.enumerated() where text[index + offset] | 0x20 != byte | 0x20 {
      return false
    }
    let next = text[index + name.count]
    return next == UInt8(ascii: ">") || next <= UInt8(ascii: " ")
  }
}
