import CXML2

/// What a reader sees of an HTML page, by libxml2's parser.
///
/// Elements that are blocks begin and end lines, `br` ends one, cells of a table are separated by a
/// tab; white space is folded but in `pre` and the like; scripts, styles, `noscript` and `template`
/// are not seen.
struct HTMLText {
  /// UTF-8, without white space around it.
  let text: [UInt8]
  /// The page's title, folded; `nil` where it has none.
  let title: [UInt8]?

  /// Why a page cannot be read.
  struct Refusal: Error {
    let reason: String
  }

  /// The most elements inside one another. The parser looks through all that are open at each end
  /// tag, so that a limit also bounds its time.
  static let depthLimit = 2048

  /// The most attributes of a tag, about: the parser compares each with all before it.
  static let attributeLimit = 10_000

  private static let prepare: Void = xmlInitParser()

  /// Reads a page.
  ///
  /// - Parameter html: UTF-8; a declaration of another encoding in it is not heeded.
  /// - Complexity: events, no tree: memory for the text alone.
  init(_ html: [UInt8]) throws(Refusal) {
    Self.prepare
    // As browsers do; the parser would take a NUL for the end.
    let html = html.contains(0) ? html.flatMap { $0 == 0 ? [0xEF, 0xBF, 0xBD] : [$0] } : html
    guard let count = Int32(exactly: html.count) else {
      throw Refusal(reason: "HTML of more than 2 GiB cannot be read; use --html raw")
    }
    guard !Self.hasTooManyAttributes(html) else {
      throw Refusal(
        reason: "a tag has more than \(Self.attributeLimit) attributes; use --html raw")
    }
    guard let context = htmlNewParserCtxt() else {
      throw Refusal(reason: "libxml2 does not start")
    }
    defer { htmlFreeParserCtxt(context) }
    let collector = HTMLTextCollector(context)
    withExtendedLifetime(collector) {
      context.pointee.sax.pointee = Self.events
      context.pointee.userData = Unmanaged.passUnretained(collector).toOpaque()
      let options =
        HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
        | HTML_PARSE_NONET.rawValue | HTML_PARSE_IGNORE_ENC.rawValue
      html.withUnsafeBytes {
        let bytes = $0.baseAddress?.assumingMemoryBound(to: CChar.self)
        if let bytes { htmlCtxtReadMemory(context, bytes, count, nil, "UTF-8", Int32(options)) }
      }
    }
    if collector.isTooDeep {
      throw Refusal(
        reason: "it has more than \(Self.depthLimit) elements inside one another; use --html raw")
    }
    guard context.pointee.disableSAX == 0 else {
      throw Refusal(reason: "libxml2 gave up on it; use --html raw")
    }
    text = collector.finishedText
    title = collector.title
  }

  /// Whether what follows a `<` and a letter has more parts than a tag may have, up to its `>`.
  private static func hasTooManyAttributes(_ html: [UInt8]) -> Bool {
    html.withUnsafeBufferPointer { html in
      var index = 0
      while let start = html[index...].firstIndex(of: UInt8(ascii: "<")) {
        index = start + 1
        guard index < html.count,
          (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(html[index] | 0x20)
        else { continue }
        guard let end = endOfTag(html, index) else { return true }
        index = end
      }
      return false
    }
  }

  /// Behind a tag's `>`; `nil` where it has too many parts.
  private static func endOfTag(_ html: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
    var (index, parts, isInPart, isValue) = (start, 0, true, false)
    while index < html.count {
      let byte = html[index]
      index += 1
      switch byte {
      case UInt8(ascii: ">"): return index
      case UInt8(ascii: " "), 9, 10, 12, 13, UInt8(ascii: "/"): isInPart = false
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        // A quote elsewhere than behind a = is no quote.
        if isValue { index = html[index...].firstIndex(of: byte).map { $0 + 1 } ?? html.count }
        (isInPart, isValue) = (false, false)
      default:
        isValue = byte == UInt8(ascii: "=")
        guard !isInPart else { continue }
        isInPart = true
        parts += 1
        if parts > attributeLimit { return nil }
      }
    }
    return index
  }

  private static var events: xmlSAXHandler {
    var events = xmlSAXHandler()
    events.startElement = { context, name, _ in
      HTMLTextCollector.of(context)?.start(String(cString: name!))
    }
    events.endElement = { context, _ in HTMLTextCollector.of(context)?.end() }
    events.characters = { context, bytes, count in
      HTMLTextCollector.of(context)?.characters(
        UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
    events.ignorableWhitespace = events.characters
    return events
  }
}
