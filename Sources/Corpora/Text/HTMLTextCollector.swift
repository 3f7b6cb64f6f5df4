import CXML2

/// Makes text of a parser's events.
final class HTMLTextCollector {
  private enum Element {
    case block, pre, cell, unseen, title, inline
  }

  private let context: htmlParserCtxtPtr
  private var open: [Element] = []
  private var unseenDepth = 0
  private var preDepth = 0
  /// Whether a `pre` has just begun: a line end right behind it is not seen.
  private var isAtPreStart = false

  private var text: [UInt8] = []
  /// Line ends, or else a space or a tab, to be written before the next character.
  private var breaks = 0
  private var space: UInt8?
  private var titleBytes: [UInt8]?
  private var isInTitle = false

  /// Whether reading was given up because of elements inside one another.
  private(set) var isTooDeep = false

  init(_ context: htmlParserCtxtPtr) { self.context = context }

  static func of(_ pointer: UnsafeMutableRawPointer?) -> HTMLTextCollector? {
    pointer.map { Unmanaged<HTMLTextCollector>.fromOpaque($0).takeUnretainedValue() }
  }

  /// The text without white space around it (a `pre` may begin or end with some).
  var finishedText: [UInt8] {
    let last = text.lastIndex { !Self.isSpace($0) }
    return last.map { Array(text[...$0]) } ?? []
  }

  /// The title with its white space folded.
  var title: [UInt8]? {
    guard let titleBytes else { return nil }
    let words = titleBytes.split(whereSeparator: Self.isSpace)
    return words.isEmpty ? nil : Array(words.joined(separator: [0x20]))
  }

  /// - Parameter name: in small letters.
  func start(_ name: String) {
    guard open.count < HTMLText.depthLimit else {
      isTooDeep = true
      xmlStopParser(context)
      return
    }
    let element = Self.element(name)
    open.append(element)
    switch element {
    case .block: breaks = max(breaks, 1)
    case .pre:
      breaks = max(breaks, 1)
      preDepth += 1
      isAtPreStart = true
    case .cell: space = 0x09
    case .unseen: unseenDepth += 1
    case .title:
      unseenDepth += 1
      isInTitle = titleBytes == nil
      if isInTitle { titleBytes = [] }
    case .inline: if name == "br" { lineEnd() }
    }
  }

  /// Ends the element that was begun last.
  func end() {
    switch open.popLast() {
    case .block: breaks = max(breaks, 1)
    case .pre:
      breaks = max(breaks, 1)
      preDepth -= 1
    case .unseen: unseenDepth -= 1
    case .title:
      unseenDepth -= 1
      isInTitle = false
    case .cell, .inline, nil: break
    }
  }

  func characters(_ bytes: UnsafeBufferPointer<UInt8>) {
    if isInTitle { titleBytes?.append(contentsOf: bytes) }
    guard unseenDepth == 0 else { return }
    if preDepth > 0 { verbatim(bytes) } else { fold(bytes) }
  }

  private func lineEnd() {
    guard unseenDepth == 0 else { return }
    breaks = min(breaks + 1, 2)
  }

  private func verbatim(_ bytes: UnsafeBufferPointer<UInt8>) {
    var bytes = bytes[...]
    if isAtPreStart {
      isAtPreStart = false
      if bytes.first == 0x0D { bytes = bytes.dropFirst() }
      if bytes.first == 0x0A { bytes = bytes.dropFirst() }
    }
    guard !bytes.isEmpty else { return }
    flush()
    text.append(contentsOf: bytes)
  }

  private func fold(_ bytes: UnsafeBufferPointer<UInt8>) {
    var index = 0
    while index < bytes.count {
      if Self.isSpace(bytes[index]) {
        if space == nil { space = 0x20 }
        index += 1
        continue
      }
      let start = index
      while index < bytes.count, !Self.isSpace(bytes[index]) { index += 1 }
      flush()
      text.append(contentsOf: bytes[start..<index])
    }
  }

  /// Writes what stands before the next character.
  private func flush() {
    if text.isEmpty {
      // Nothing before the first character.
    } else if breaks > 0 {
      let written = text.last == 0x0A ? 1 : 0
      text.append(contentsOf: repeatElement(0x0A, count: max(0, breaks - written)))
    } else if let space, text.last != 0x0A {
      text.append(space)
    }
    breaks = 0
    space = nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0C || byte == 0x0D
  }

  private static func element(_ name: String) -> Element {
    switch name {
    case "script", "style", "noscript", "template": .unseen
    case "title": .title
    case "pre", "textarea", "listing", "xmp", "plaintext": .pre
    case "td", "th": .cell
    default: blocks.contains(name) ? .block : .inline
    }
  }

  private static let blocks: Set = [
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
    "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html",
    "legend", "li", "main", "menu", "nav", "ol", "optgroup", "option", "p", "search", "section",
    "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
  ]
}
