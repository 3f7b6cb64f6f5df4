import ArgumentParser
import Foundation
import Tokenization

/// `engram tokenize`: texts to token ids and back, line by line.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Turn texts into token ids, or token ids into texts.",
    discussion: """
      Reads JSON lines {"text": "..."} from standard input and prints {"ids": [...]}, a line for \
      each; --decode goes the other way. No special tokens are added; those that stand in the \
      text are recognised. An escaped or whole UTF-8 text is read as it is; anything else is an \
      error that names the line.

        engram tokenize --tokenizer tokenizer.json --text 'Hello, world!'
        engram tokenize --tokenizer tokenizer.json < texts.jsonl > ids.jsonl
        engram tokenize --tokenizer tokenizer.json --decode < ids.jsonl
      """)

  @Option(help: "The model's tokenizer.json (byte-level BPE).")
  var tokenizer: String

  @Option(help: "One text to tokenize, instead of standard input.")
  var text: String?

  @Flag(help: "Turn token ids into text.")
  var decode = false

  func validate() throws {
    if text != nil && decode { throw ValidationError("--text cannot be combined with --decode") }
  }

  private struct TextLine: Codable {
    var text: String
  }

  private struct IDLine: Codable {
    var ids: [Int32]
  }

  func run() throws {
    let tokenizer = try Tokenizer(path: tokenizer)
    if let text {
      print(Self.line(of: try tokenizer.encode(text)))
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    try StandardStreams.forEachLine(of: "-") { bytes, number in
      guard !bytes.isEmpty else { return }
      let data = Data(bytes)
      do {
        if decode {
          let line = TextLine(text: tokenizer.decode(try Self.read(IDLine.self, data).ids))
          print(String(decoding: try encoder.encode(line), as: UTF8.self))
        } else {
          print(Self.line(of: try tokenizer.encode(try Self.read(TextLine.self, data).text)))
        }
      } catch let error as TokenizationError {
        throw CommandError("line \(number): \(error)")
      } catch is DecodingError {
        let form = decode ? "{\"ids\": [1, 2, ...]}" : "{\"text\": \"...\"}"
        throw CommandError("line \(number) is not a JSON object of the form \(form)")
      }
    }
  }

  private static func read<Line: Decodable>(_ type: Line.Type, _ data: Data) throws -> Line {
    try JSONDecoder().decode(type, from: data)
  }

  /// Written by hand: a list of numbers needs no encoder.
  private static func line(of ids: [Int32]) -> String {
    "{\"ids\":[\(ids.map(String.init).joined(separator: ","))]}"
  }
}
