import Samples
import StrictJSON

/// The metadata of a document: one JSON object.
public struct DocumentMetadata: Sendable {
  /// The object as it is stored, on one line.
  public let json: [UInt8]
  private let object: JSONValue

  /// Reads metadata.
  ///
  /// - Returns: `nil` where the bytes are no JSON object.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    guard let document = try? JSONDocument(Array(bytes)), document.root.members != nil else {
      return nil
    }
    object = document.root
    // A JSON string has no line ends; what has them is space between values.
    json = bytes.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
  }

  /// The document's `id`: its text, or its JSON where it is a number; `nil` where there is none.
  public var id: String? {
    guard let value = value("id") else { return nil }
    return value.text ?? value.integer.map(String.init) ?? value.number.map { "\($0)" }
  }

  /// The text of a member; `nil` where it is missing or no string.
  public func text(_ name: String) -> String? { value(name)?.text }

  private func value(_ name: String) -> JSONValue? {
    for (member, value) in object.members! where member.elementsEqual(name.utf8) { return value }
    return nil
  }
}

extension SampleReader {
  /// Calls `body` with the text of a document (UTF-8) and its metadata.
  ///
  /// - Throws: as `withDocument`; `DatasetError.badSample` where the metadata is no JSON object.
  public func withParts<Result>(
    _ number: Int,
    _ body: (_ text: UnsafeRawBufferPointer, _ metadata: DocumentMetadata) throws -> Result
  ) throws -> Result {
    try withDocument(number) { text, bytes in
      guard let metadata = DocumentMetadata(bytes) else {
        throw DatasetError.badSample(
          dataset: dataset.version.title, number: number, reason: "its metadata is no JSON object")
      }
      return try body(text, metadata)
    }
  }

  /// The name of a sample, for people: a document's `id`, else its number.
  public func name(of number: Int) throws -> String {
    guard dataset.manifest.kind == .document else { return "sample \(number)" }
    return try withParts(number) { _, metadata in metadata.id ?? "sample \(number)" }
  }

  /// The token ids of a sample, and the places at which documents start in it (none where the
  /// dataset does not keep them).
  ///
  /// - Throws: as `withSample`; `DatasetError.badSample` where the sample holds no such ids.
  public func tokens(_ number: Int) throws -> (ids: [UInt32], starts: [Int]) {
    guard let layout = dataset.manifest.tokens else {
      throw DatasetError.badSample(
        dataset: dataset.version.title, number: number,
        reason: "the dataset holds \(dataset.manifest.kind.rawValue), no tokens")
    }
    return try withSample(number) { bytes in
      do {
        let (range, starts) = try layout.parts(of: bytes)
        let ids = stride(from: range.lowerBound, to: range.upperBound, by: layout.width).map { at in
          layout.width == 2
            ? UInt32(
              UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt16.self)))
            : UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
        }
        return (ids, starts)
      } catch let error as SampleError {
        throw DatasetError.badSample(
          dataset: dataset.version.title, number: number, reason: error.description)
      }
    }
  }
}
