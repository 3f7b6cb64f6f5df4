import Foundation
import Testing

@testable import Tokenization

/// Files that are malformed, or ask for what is not supported, give one line that names it.
@Suite struct RefusalTests {
  private static let byteLevel = #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}"#

  private static func file(
    model: String = #"{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}"#,
    preTokenizer: String = byteLevel, more: String = #""version":"1.0""#
  ) -> String {
    #"{"model":\#(model),"pre_tokenizer":\#(preTokenizer),\#(more)}"#
  }

  private static func split(_ pattern: String) -> String {
    let pattern = pattern.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return #"{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":""#
      + pattern + #""},"behavior":"Isolated","invert":false},\#(byteLevel)]}"#
  }

  /// The message of the error that reading `json` throws.
  private static func message(_ json: String) throws -> String {
    let error = try #require(throws: TokenizationError.self) { try TestTokenizer.make(json) }
    let message = "\(error)"
    #expect(!message.contains("\n"))
    return message
  }

  @Test func smallestFileIsRead() throws {
    let tokenizer = try TestTokenizer.make(Self.file())
    #expect(try tokenizer.encode("abba") == [2, 1, 0])
  }

  @Test(arguments: [
    ("Unigram", file(model: #"{"type":"Unigram","vocab":[]}"#)),
    ("dropout", file(model: #"{"vocab":{"a":0},"merges":[],"dropout":0.1}"#)),
    ("unk_token", file(model: #"{"vocab":{"a":0},"merges":[],"unk_token":"a"}"#)),
    ("byte_fallback", file(model: #"{"vocab":{"a":0},"merges":[],"byte_fallback":true}"#)),
    (
      "continuing_subword_prefix",
      file(model: #"{"vocab":{"a":0},"merges":[],"continuing_subword_prefix":"@@"}"#)
    ),
    (
      "end_of_word_suffix",
      file(model: #"{"vocab":{"a":0},"merges":[],"end_of_word_suffix":"</w>"}"#)
    ),
    ("Metaspace", file(preTokenizer: #"{"type":"Metaspace"}"#)),
    ("null", file(preTokenizer: "null")),
    ("Lowercase", file(more: #""normalizer":{"type":"Lowercase"}"#)),
    ("WordPiece", file(more: #""decoder":{"type":"WordPiece"}"#)),
    ("'$'", file(preTokenizer: split("a$"))),
    ("'\\b'", file(preTokenizer: split("\\ba"))),
    ("'&&'", file(preTokenizer: split("[a&&b]"))),
    ("bracket inside", file(preTokenizer: split("[a[b]]"))),
    ("\\p{Punct}", file(preTokenizer: split("\\p{Punct}"))),
    ("'+' after an interval", file(preTokenizer: split("a{1,3}+"))),
    ("unmatched ')'", file(preTokenizer: split("a)"))),
  ])
  func unsupportedPartIsNamed(name: String, json: String) throws {
    let message = try Self.message(json)
    #expect(message.contains(name), "\(message)")
  }

  @Test(arguments: [
    "", "{", "[1,2", "nul", "{\"a\":}", "{\"a\":01}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\u{1}\"}",
    "{} {}", "{\"a\":1e}", "[]", "3", String(repeating: "[", count: 100_000),
  ])
  func malformedJSONIsRefused(json: String) throws {
    _ = try Self.message(json)
  }

  @Test(arguments: [
    #"{"vocab":{"a":-1},"merges":[]}"#,
    #"{"vocab":{"a":16777216},"merges":[]}"#,
    #"{"vocab":{"a":9999999999999999999999},"merges":[]}"#,
    #"{"vocab":{"a":1.5},"merges":[]}"#,
    #"{"vocab":{"a":0,"b":0},"merges":[]}"#,
    #"{"vocab":{"a":0,"a":1},"merges":[]}"#,
    #"{"vocab":{"a":0,"b":1},"merges":["a b"]}"#,
    #"{"vocab":{"a":0,"b":1,"ab":2},"merges":["a"]}"#,
    #"{"vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b","c"]]}"#,
    #"{"vocab":{"a":0,"b":1,"ab":2},"merges":[3]}"#,
    #"{"vocab":[],"merges":[]}"#,
    #"{"merges":[]}"#,
  ])
  func badModelIsRefused(model: String) throws {
    _ = try Self.message(Self.file(model: model))
  }

  @Test func addedTokenThatContradictsTheVocabularyIsRefused() throws {
    let more = #""added_tokens":[{"id":1,"content":"a"}]"#
    #expect(try Self.message(Self.file(more: more)).contains("added_tokens"))
    let taken = #""added_tokens":[{"id":1,"content":"new"}]"#
    #expect(try Self.message(Self.file(more: taken)).contains("two tokens"))
  }

  @Test func patternThatBacktracksWithoutEndIsAnError() throws {
    let tokenizer = try TestTokenizer.make(
      Self.file(preTokenizer: Self.split("(?>(?:a+)+b|(?:a|a?)+c)")), automaton: false)
    let text = String(repeating: "a", count: 60)
    let error = try #require(throws: TokenizationError.self) { try tokenizer.encode(text) }
    #expect("\(error)".contains("gave up"))
  }

  @Test func missingFileIsAnError() throws {
    let error = try #require(throws: TokenizationError.self) {
      try Tokenizer(path: "/nowhere/tokenizer.json")
    }
    #expect("\(error)".contains("/nowhere/tokenizer.json"))
  }

  @Test func messagesStayOnOneLine() {
    let name = "a\nb" + String(repeating: "c", count: 1000)
    let message = "\(TokenizationError.unsupported(part: "model", name: name))"
    #expect(!message.contains("\n"))
    #expect(message.count < 300)
  }

  /// From every place of the text such a pattern looks at all that follows, in vain.
  @Test(arguments: ["a*[bc]", "a(?=a*b)|a"])
  func aPatternThatLooksAtTheTextAgainAndAgainGivesUp(pattern: String) throws {
    let tokenizer = try TestTokenizer.make(Self.file(preTokenizer: Self.split(pattern)))
    #expect {
      try tokenizer.encode(String(repeating: "a", count: 300_000))
    } throws: { error in
      guard case .matchFailed? = error as? TokenizationError else { return false }
      return !"\(error)".contains("\n")
    }
    // Of the same bytes in texts that are short, it is none.
    #expect(try tokenizer.encode("aab").count > 0)
  }
}
