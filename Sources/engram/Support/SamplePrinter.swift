import Datasets
import Foundation

/// Samples on standard output, whole.
struct SamplePrinter {
  let reader: SampleReader
  let format: OutputFormat
  let withMetadata: Bool

  /// Text: a document's text exactly as it is, its metadata on a line before it where they are
  /// wanted; token ids as an array a line; bytes as they are. JSON: one object a line.
  func print(_ number: Int) throws {
    switch (reader.dataset.manifest.kind, format) {
    case (.document, .text):
      try reader.withParts(number) { text, metadata in
        if withMetadata { try write(metadata.json + [0x0A]) }
        try StandardStreams.write(text)
      }
    case (.document, .json):
      try reader.withParts(number) { text, metadata in
        var members = ["\"number\":\(number)"]
        if let id = metadata.id { members.append("\"id\":\(try quoted(id))") }
        if withMetadata {
          members.append("\"metadata\":\(String(decoding: metadata.json, as: UTF8.self))")
        }
        members.append("\"text\":\(try quoted(String(decoding: text, as: UTF8.self)))")
        Swift.print("{\(members.joined(separator: ","))}")
      }
    case (.tokens, .text): Swift.print(array(try reader.tokens(number).ids))
    case (.tokens, .json):
      let (ids, starts) = try reader.tokens(number)
      let boundaries =
        reader.dataset.manifest.tokens?.hasBoundaries ?? false ? ",\"starts\":\(array(starts))" : ""
      Swift.print("{\"number\":\(number),\"ids\":\(array(ids))\(boundaries)}")
    case (.bytes, .text): try reader.withSample(number) { try StandardStreams.write($0) }
    case (.bytes, .json):
      let text = try reader.withSample(number) { Data($0).base64EncodedString() }
      Swift.print("{\"number\":\(number),\"base64\":\"\(text)\"}")
    }
  }

  private func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try StandardStreams.write($0) }
  }

  private func array(_ numbers: [some BinaryInteger]) -> String {
    "[" + numbers.map { "\($0)" }.joined(separator: ",") + "]"
  }

  private func quoted(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode(text), as: UTF8.self)
  }
}
