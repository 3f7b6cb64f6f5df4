import Samples

/// A JSON object a line: a document's `id`, `text` and metadata, a `tokens` array, or `bytes` as
/// Base64.
final class JSONLinesWriter: CorpusWriter {
  private let output: OutputFile
  private let form: WrittenForm

  init(_ output: OutputFile, _ form: WrittenForm) {
    self.output = output
    self.form = form
  }

  func append(_ sample: UnsafeRawBufferPointer, number: Int) throws {
    switch form {
    case .document: try appendDocument(sample, number)
    case .tokens(let layout): try appendTokens(sample, layout, number)
    case .bytes:
      put("{\"id\":\(number),\"bytes\":\"")
      Base64Text.append(sample, to: &output.buffer)
      put("\"}\n")
    }
    try output.flushIfLarge()
  }

  func finish() throws { try output.finish() }

  private func put(_ text: String) { output.buffer.append(contentsOf: text.utf8) }

  private func put(_ bytes: UnsafeRawBufferPointer) { output.buffer.append(contentsOf: bytes) }

  private func appendDocument(_ sample: UnsafeRawBufferPointer, _ number: Int) throws {
    let document = try WrittenDocument(sample, number: number, path: output.path)
    guard document.value("text") == nil else {
      throw CorpusWriterError.sample(
        number: number, path: output.path,
        reason: "its metadata has a member text, which is the text's own name in JSON lines; "
          + "choose another format")
    }
    put("{\"id\":")
    if let id = document.value("id") { put(id) } else { put("\(number)") }
    put(",\"text\":")
    JSONText.append(document.text, to: &output.buffer)
    for member in document.members where !document.isNamed(member, "id") {
      put(",")
      put(UnsafeRawBufferPointer(rebasing: document.metadata[member.name]))
      put(":")
      put(UnsafeRawBufferPointer(rebasing: document.metadata[member.value]))
    }
    put("}\n")
  }

  private func appendTokens(
    _ sample: UnsafeRawBufferPointer, _ layout: TokenLayout, _ number: Int
  ) throws {
    let parts = try WrittenTokens(sample, layout, number: number, path: output.path)
    put("{\"id\":\(number),\"tokens\":[")
    parts.appendList(to: &output.buffer)
    put("]")
    if layout.hasBoundaries {
      put(",\"starts\":[\(parts.starts.map(String.init).joined(separator: ","))]")
    }
    put("}\n")
  }
}
