import Foundation
import Testing

@testable import Tokenization

/// The real tokenizer that tests use, loaded once for each engine.
enum TestTokenizer {
  static let path: String = {
    if let path = ProcessInfo.processInfo.environment["ENGRAM_TOKENIZER"] { return path }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return root.appendingPathComponent(".cache/tokenizer/tokenizer.json").path
  }()

  /// As users load it.
  static let fast = Result { try load(automaton: true) }
  /// All patterns on PCRE2.
  static let reference = Result { try load(automaton: false) }

  private static func load(automaton: Bool) throws -> Tokenizer {
    guard let data = FileManager.default.contents(atPath: path) else { throw Missing() }
    return try data.withUnsafeBytes { try Tokenizer(json: $0, automaton: automaton) }
  }

  struct Missing: Error, CustomStringConvertible {
    let description =
      "no tokenizer at \(TestTokenizer.path): run Tools/setup, or set ENGRAM_TOKENIZER"
  }

  /// A tokenizer from the text of its file.
  static func make(_ json: String, automaton: Bool = true) throws -> Tokenizer {
    try Data(json.utf8).withUnsafeBytes { try Tokenizer(json: $0, automaton: automaton) }
  }
}
