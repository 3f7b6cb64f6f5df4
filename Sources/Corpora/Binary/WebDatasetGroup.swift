import Samples

/// The members of one sample of a WebDataset, until the sample is made of them.
struct WebDatasetGroup {
  /// A member that was read.
  struct Part {
    var name: TarName
    var data: [UInt8]
  }

  let key: [UInt8]
  var parts: [Part] = []
  /// Why the sample is bad, and in which member; the first reason stays.
  private(set) var fault: (reason: String, member: String?)?
  /// Bytes of all parts.
  private(set) var bytes = 0

  init(key: [UInt8]) { self.key = key }

  mutating func add(_ part: Part) {
    if parts.contains(where: { $0.name.suffix == part.name.suffix }) {
      fail("the member .\(oneLine(part.name.suffix.utf8)) is there twice", nil)
      return
    }
    bytes += part.data.count
    parts.append(part)
  }

  mutating func fail(_ reason: String, _ member: String?) {
    if fault == nil { fault = (reason, member) }
  }

  /// Appends a document: the text member, or the text field of the JSON member, and metadata.
  func appendDocument(
    _ options: CorpusOptions, leftOut: inout [String: Int], to bytes: inout [UInt8]
  ) -> RecordOutcome {
    var document = DocumentParts()
    let text = parts.indices
      .compactMap { index in parts[index].name.textRank(options.textField).map { (index, $0) } }
      .min { $0.1 < $1.1 }?.0
    if let text { document.text = parts[text].data }
    for (index, part) in parts.enumerated() where index != text {
      if part.name.isJSON {
        if let reason = addObject(part.data, options, to: &document) {
          return .bad(reason: reason, member: memberName(part), excerpt: part.data)
        }
      } else if part.data.contains(0) || UTF8Check.firstFault(in: part.data) != nil {
        leftOut["binary member .\(oneLine(part.name.suffix.utf8))", default: 0] += 1
      } else if !document.set(part.name.suffix.utf8, json: JSONText.quoted(part.data)) {
        return .bad(reason: "its metadata has this name twice", member: memberName(part))
      }
    }
    guard document.text != nil else {
      return .bad(
        reason: "it has no text: no member .txt and no \(oneLine(options.textField.utf8)) in its "
          + ".json; with --kind bytes every member is a sample", member: oneLine(key))
    }
    document.complete(options, fallback: oneLine(key))
    return document.append(options, to: &bytes)
  }

  /// - Returns: why the object cannot be used.
  private func addObject(
    _ data: [UInt8], _ options: CorpusOptions, to document: inout DocumentParts
  ) -> String? {
    switch JSONMembers.read(data) {
    case .failure(let fault): return fault.reason
    case .success(let object):
      for member in object.members {
        if document.text == nil, member.name.elementsEqual(options.textField.utf8) {
          guard let text = member.value.string else { return "has a text that is no string" }
          document.text = Array(text)
        } else if !document.set(member.name, json: member.json) {
          return "has the member \(oneLine(member.name)), which the sample has already"
        }
      }
      return nil
    }
  }

  /// Appends the ids of the array member.
  func appendTokens(
    _ layout: TokenLayout, _ options: CorpusOptions, to bytes: inout [UInt8]
  ) -> RecordOutcome {
    guard let part = parts.first(where: { $0.name.isArray }) else {
      return .bad(reason: "it has no member .npy of token ids", member: oneLine(key))
    }
    do {
      let array = try NpyMember(part.data)
      let failure = part.data.withUnsafeBytes {
        array.type.append(
          UnsafeRawBufferPointer(rebasing: $0[array.range]), width: layout.width, to: &bytes)
      }
      if let failure {
        throw BinaryFault(
          "its element \(failure.index) is \(failure.value), which is no token id of "
            + "\(layout.width) bytes")
      }
      if layout.hasBoundaries {
        layout.append(ids: [], starts: try starts(array.count), to: &bytes)
      }
      return .sample
    } catch { return .bad(reason: "\(error)", member: memberName(part)) }
  }

  private func starts(_ tokens: Int) throws -> [Int] {
    guard let part = parts.first(where: { $0.name.suffix == "starts.json" }),
      let places = try? StartsText.read(part.data), places.allSatisfy({ 0...tokens ~= $0 }),
      zip(places, places.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw BinaryFault("it has no member .starts.json of ascending places") }
    return places
  }

  private func memberName(_ part: Part) -> String {
    oneLine(key + Array(".\(part.name.suffix)".utf8))
  }
}
