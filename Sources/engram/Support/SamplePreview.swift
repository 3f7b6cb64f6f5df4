import Datasets

/// A sample on one line, whatever is in it.
struct SamplePreview: Encodable {
  var number: Int
  /// Of the whole sample.
  var bytes: Int
  var id: String?
  /// The first characters of a text, ids of tokens or bytes.
  var preview: String

  /// - Parameter width: characters of the preview.
  init(_ number: Int, of reader: SampleReader, width: Int) throws {
    self.number = number
    bytes = try reader.size(of: number)
    switch reader.dataset.manifest.kind {
    case .document:
      (id, preview) = try reader.withParts(number) { text, metadata in
        // A character may take many bytes; what is cut in two at the end is not shown.
        let start = text.prefix(8 * width + 8)
        let isCut = start.count < text.count
        return (metadata.id, Self.shown(String(decoding: start, as: UTF8.self), width, isCut))
      }
    case .tokens:
      let ids = try reader.tokens(number).ids.prefix(width).map(String.init)
      preview = Self.shown(ids.joined(separator: " "), width, false)
    case .bytes:
      preview = try reader.withSample(number) { bytes in
        let digits = bytes.prefix(width).map {
          $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16)
        }
        return Self.shown(digits.joined(separator: " "), width, false)
      }
    }
  }

  private static func shown(_ text: String, _ width: Int, _ isCut: Bool) -> String {
    var start = text.prefix(width)
    if isCut, start.endIndex == text.endIndex, start.last == "\u{FFFD}" { start.removeLast() }
    return SingleLine.text(String(start)) + (isCut || start.endIndex < text.endIndex ? "…" : "")
  }
}
