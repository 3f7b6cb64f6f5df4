/// A `document` sample: a JSON object of metadata, and text.
///
/// Its bytes: the metadata's size in bytes (4, little-endian), the metadata, the text. The metadata
/// is one JSON object without white space around it, in UTF-8; its member `id` names the document.
/// The text is UTF-8, exactly as it came in.
///
///     DocumentSample.append(metadata: #"{"id":"a.txt"}"#.utf8, text: text, to: &bytes)
///     let sample = try DocumentSample(bytes)
///     sample.text  // a range of `bytes`
public struct DocumentSample: Hashable, Sendable {
  /// Where the metadata is in the sample, in bytes.
  public let metadata: Range<Int>
  /// Where the text is in the sample, in bytes.
  public let text: Range<Int>

  /// Bytes before the metadata.
  public static let headerBytes = 4

  /// Finds the parts of a sample. Neither part is looked into.
  ///
  /// - Throws: `SampleError.malformed` where the sizes do not fit.
  public init(_ bytes: UnsafeRawBufferPointer) throws(SampleError) {
    guard bytes.count >= Self.headerBytes else {
      throw .malformed(kind: .document, reason: "it has \(bytes.count) bytes, fewer than a header")
    }
    let count = Int(unsafe UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
    let end = Self.headerBytes + count
    guard end <= bytes.count else {
      throw .malformed(
        kind: .document, reason: "its metadata has \(count) bytes, the sample \(bytes.count)")
    }
    metadata = Self.headerBytes..<end
    text = end..<bytes.count
  }

  /// Appends the bytes of a sample.
  ///
  /// - Parameter metadata: one JSON object, UTF-8, fewer than 4 GiB.
  /// - Parameter text: UTF-8.
  public static func append(
    metadata: some Collection<UInt8>, text: some Collection<UInt8>, to bytes: inout [UInt8]
  ) {
    let count = UInt32(metadata.count)
    for shift in stride(from: 0, to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: count >> UInt32(shift)))
    }
    bytes.append(contentsOf: metadata)
    bytes.append(contentsOf: text)
  }
}
