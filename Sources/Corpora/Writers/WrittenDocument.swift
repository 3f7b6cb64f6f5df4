import Samples

/// A document to be written: its text, and its metadata taken apart.
struct WrittenDocument {
  /// The parts of the sample.
  let sample: DocumentSample
  private let bytes: UnsafeRawBufferPointer
  /// The members of the metadata, in the metadata's bytes.
  let members: [JSONObjectScan.Member]

  /// - Throws: `CorpusWriterError.sample` where the bytes are no document.
  init(_ bytes: UnsafeRawBufferPointer, number: Int, path: String) throws(CorpusWriterError) {
    self.bytes = bytes
    do { sample = try DocumentSample(bytes) } catch {
      throw .sample(number: number, path: path, reason: "\(error)")
    }
    let metadata = UnsafeRawBufferPointer(rebasing: bytes[sample.metadata])
    guard let members = JSONObjectScan.members(of: metadata) else {
      throw .sample(number: number, path: path, reason: "its metadata is no JSON object")
    }
    self.members = members
    let text = UnsafeRawBufferPointer(rebasing: bytes[sample.text])
    guard text.withMemoryRebound(to: UInt8.self, Self.isUTF8) else {
      throw .sample(number: number, path: path, reason: "its text is not UTF-8")
    }
  }

  /// The text's bytes.
  var text: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[sample.text]) }
  /// The metadata's bytes, one JSON object.
  var metadata: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[sample.metadata]) }

  /// The value of a member as JSON, `nil` where there is none.
  func value(_ name: String) -> UnsafeRawBufferPointer? {
    members.first { isNamed($0, name) }.map { UnsafeRawBufferPointer(rebasing: metadata[$0.value]) }
  }

  /// Whether a member is called so.
  func isNamed(_ member: JSONObjectScan.Member, _ name: String) -> Bool {
    metadata[member.name].dropFirst().dropLast().elementsEqual(name.utf8)
  }

  private static func isUTF8(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    (try? UTF8Span(validating: Span(_unsafeElements: text))) != nil
  }
}
