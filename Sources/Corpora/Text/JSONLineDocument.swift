import Samples
import StrictJSON

/// Makes a document of a JSON object: one member is the text, the others are metadata.
struct JSONLineDocument {
  private enum Value {
    case read(JSONValue)
    case made([UInt8])
  }

  private let options: CorpusOptions
  private let textField: [UInt8]
  private let idField: [UInt8]?
  private let language: [UInt8]?
  private var members: [(name: ArraySlice<UInt8>, value: Value)] = []
  private var metadata: [UInt8] = []

  private static let id = Array("id".utf8)
  private static let languageName = Array("language".utf8)

  init(_ options: CorpusOptions) {
    self.options = options
    textField = Array(options.textField.utf8)
    idField = options.idField.map { Array($0.utf8) }
    language = options.languageHint.map { JSONText.quoted($0.utf8) }
  }

  /// Appends a line's document, or says why it is none.
  ///
  /// - Parameter fallback: what names a document that does not name itself, as JSON.
  mutating func append(
    _ line: UnsafeRawBufferPointer, to bytes: inout [UInt8], fallback: () throws -> [UInt8]
  ) throws -> RecordOutcome {
    let document: JSONDocument
    do throws(StrictJSONError) { document = try JSONDocument(Array(line)) } catch {
      return bad(Self.reason(error), line)
    }
    guard let read = document.root.members else {
      return bad("this line is no JSON object; each line has to be one", line)
    }
    members.removeAll(keepingCapacity: true)
    var isSorted = true
    for (name, value) in read {
      if let last = members.last, !last.name.lexicographicallyPrecedes(name) { isSorted = false }
      members.append((name, .read(value)))
    }
    if !isSorted {
      members.sort { $0.name.lexicographicallyPrecedes($1.name) }
      for (one, other) in zip(members, members.dropFirst()) where one.name == other.name {
        return bad("it has the member \(oneLine(one.name)) twice", line)
      }
    }
    guard let textIndex = index(of: textField) else {
      return bad("it has no member \(options.textField); name another with --text-field", line)
    }
    guard case .read(let value) = members[textIndex].value, let text = value.string else {
      return bad("its member \(options.textField) is no string", line)
    }
    members.remove(at: textIndex)
    if let reason = try nameDocument(fallback) { return bad(reason, line) }
    if let language, index(of: Self.languageName) == nil {
      insert(Self.languageName, language)
    }
    guard text.count >= options.minimumBytes else {
      return .leftOut("fewer than \(options.minimumBytes) bytes")
    }
    if let reason = writeMetadata() { return bad(reason, line) }
    DocumentSample.append(metadata: metadata, text: text, to: &bytes)
    return .sample
  }

  private func bad(_ reason: String, _ line: UnsafeRawBufferPointer) -> RecordOutcome {
    .bad(reason: reason, excerpt: Array(line.prefix(4096)))
  }

  private static func reason(_ error: StrictJSONError) -> String {
    switch error {
    case .notUTF8(let offset): "this line is not UTF-8 at byte \(offset)"
    case .malformed: "this line is no JSON object: \(error)"
    }
  }

  /// Sees to it that there is one `id`: the value of the member that the options name, which is
  /// moved, or `id` itself, or the fallback.
  ///
  /// - Returns: why that cannot be.
  private mutating func nameDocument(_ fallback: () throws -> [UInt8]) throws -> String? {
    if let idField, idField != Self.id, let index = index(of: idField),
      case .read(let value) = members[index].value, !value.isNull
    {
      members.remove(at: index)
      if let old = self.index(of: Self.id) { members.remove(at: old) }
      var json: [UInt8] = []
      guard value.isScalar, CanonicalJSON.append(value, to: &json) == nil else {
        return "its member \(oneLine(idField)) is no string and no number, which an id has to be"
      }
      insert(Self.id, json)
    } else if let index = index(of: Self.id), case .read(let value) = members[index].value {
      guard value.isScalar else {
        return "its member id is no string and no number; name another with --id-field"
      }
      if value.isNull { members[index].value = .made(try fallback()) }
    } else {
      insert(Self.id, try fallback())
    }
    return nil
  }

  /// Where the member of a name is, or would be.
  private func place(_ name: [UInt8]) -> Int {
    var range = 0..<members.count
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      range =
        members[middle].name.lexicographicallyPrecedes(name)
        ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }

  private func index(of name: [UInt8]) -> Int? {
    let place = place(name)
    return place < members.count && members[place].name.elementsEqual(name) ? place : nil
  }

  private mutating func insert(_ name: [UInt8], _ json: [UInt8]) {
    members.insert((name[...], .made(json)), at: place(name))
  }

  /// - Returns: why the metadata is none.
  private mutating func writeMetadata() -> String? {
    metadata.removeAll(keepingCapacity: true)
    metadata.append(UInt8(ascii: "{"))
    for (index, member) in members.enumerated() {
      if index > 0 { metadata.append(UInt8(ascii: ",")) }
      member.name.withUnsafeBytes { JSONText.append($0, to: &metadata) }
      metadata.append(UInt8(ascii: ":"))
      switch member.value {
      case .made(let json): metadata.append(contentsOf: json)
      case .read(let value):
        if let twice = CanonicalJSON.append(value, to: &metadata) {
          return "it has the member \(oneLine(twice)) twice"
        }
      }
    }
    metadata.append(UInt8(ascii: "}"))
    return nil
  }
}
