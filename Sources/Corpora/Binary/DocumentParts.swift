import Samples

/// A document of a record in parts, until it is appended as a sample.
struct DocumentParts {
  /// The text, `nil` until it was found.
  var text: [UInt8]?
  private var members: [(name: [UInt8], json: [UInt8])] = []

  /// Adds a member of the metadata.
  ///
  /// - Parameter json: a value, valid JSON.
  /// - Returns: false where there is a member of that name.
  mutating func set(_ name: some Sequence<UInt8>, json: [UInt8]) -> Bool {
    let name = Array(name)
    guard !has(name) else { return false }
    members.append((name, json))
    return true
  }

  /// Whether the metadata has a member of that name.
  func has(_ name: some Sequence<UInt8>) -> Bool {
    members.contains { $0.name.elementsEqual(name) }
  }

  /// Removes a member.
  mutating func remove(_ name: some Sequence<UInt8>) -> [UInt8]? {
    guard let index = members.firstIndex(where: { $0.name.elementsEqual(name) }) else { return nil }
    return members.remove(at: index).json
  }

  /// Names the document: by the member that the options name, by `id`, or else by `fallback`;
  /// without that it has no name.
  mutating func complete(
    _ options: CorpusOptions, fallback: @autoclosure () -> String? = nil
  ) {
    if let field = options.idField, field != "id", let id = remove(field.utf8) {
      _ = remove("id".utf8)
      _ = set("id".utf8, json: id)
    }
    if !has("id".utf8), let name = fallback() {
      _ = set("id".utf8, json: JSONText.quoted(name.utf8))
    }
    if let language = options.languageHint, !has("language".utf8) {
      _ = set("language".utf8, json: JSONText.quoted(language.utf8))
    }
  }

  /// Appends the sample, or says why it is none.
  func append(_ options: CorpusOptions, to bytes: inout [UInt8]) -> RecordOutcome {
    guard let text else { return .bad(reason: "it has no text") }
    if text.count < options.minimumBytes {
      return .leftOut("fewer than \(options.minimumBytes) bytes")
    }
    if let offset = UTF8Check.firstFault(in: text) {
      return .bad(reason: "its text is not UTF-8 at byte \(offset)", excerpt: text)
    }
    let metadata = json()
    guard metadata.count <= options.recordLimit else {
      return .bad(reason: "its metadata is over the limit of \(options.recordLimit) bytes")
    }
    DocumentSample.append(metadata: metadata, text: text, to: &bytes)
    return .sample
  }

  private func json() -> [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    let sorted = members.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    for (index, member) in sorted.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      JSONText.append(member.name, to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      bytes.append(contentsOf: member.json)
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}

/// UTF-8, checked.
enum UTF8Check {
  /// The first byte that is not UTF-8, `nil` where all are.
  static func firstFault(in bytes: [UInt8]) -> Int? {
    do {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch { return error.byteOffsets.lowerBound }
  }
}
