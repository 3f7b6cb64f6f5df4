import Addressing
import Testing

@testable import engram

@Suite struct AddressRequestTests {
  private func request(_ text: String) throws -> AddressRequest {
    try Array(text.utf8).withUnsafeBytes { try AddressRequest(line: $0) }
  }

  @Test func flagsAreNumbersOrBooleans() throws {
    let line = try request(#"{"token_ids":[1,2,3,4],"masked":[0,1,false,true]}"#)
    #expect(line.masked?.map(\.isSet) == [false, true, false, true])
    #expect(try line.tokenIDs(from: TokenSource()) == [1, 2, 3, 4])
    #expect(try request(#"{"token_ids":[1],"segment_ids":[-7]}"#).segmentIDs == [-7])
  }

  @Test func textGoesThroughTheTokenizer() throws {
    let source = TokenSource(map: nil) { text in text.utf8.map { Int32($0) } }
    #expect(try request(#"{"text":"ab"}"#).tokenIDs(from: source) == [97, 98])
  }

  @Test(arguments: [
    ("", "is not JSON"), ("{\"token_ids\":[1,2", "is not JSON"), ("[]", "the line"),
    ("{}", "token_ids"), (#"{"token_ids":["a"]}"#, "token_ids[0]"),
    (#"{"token_ids":[1,99999999999]}"#, "token_ids[1]"), (#"{"text":"a"}"#, "--tokenizer"),
    (#"{"token_ids":[1],"masked":[2]}"#, "masked[0]"),
    (#"{"token_ids":[1],"text":"a"}"#, "either"),
  ])
  func badLineIsRefusedInOneLine(text: String, part: String) throws {
    let error = #expect(throws: CommandError.self) {
      _ = try request(text).tokenIDs(from: TokenSource())
    }
    let description = error?.description ?? ""
    #expect(description.contains(part), "\(description)")
    #expect(!description.contains("\n"))
  }

  @Test(arguments: [
    [], ["--preset", "qwen-ple", "--config", "config.json"], ["--preset", "qwen"],
    ["--preset", "qwen-ple", "--heads", "0"], ["--preset", "qwen-ple", "--max-order", "9"],
    ["--preset", "deepseek-v4.1", "--base", "1", "2"], ["--config", "/nonexistent/config.json"],
  ])
  func schemeOptionsThatContradictAreRefused(arguments: [String]) throws {
    let options = try AddressingOptions.parse(arguments)
    #expect(throws: (any Error).self) { try options.resolved() }
  }

  @Test func overridesReachTheScheme() throws {
    let options = try AddressingOptions.parse([
      "--preset", "deepseek-v4.1", "--layers", "0", "2", "--base", "100", "--heads", "2",
      "--max-order", "3", "--seed", "7", "--pad", "0",
    ])
    let layers = try options.resolved()
    #expect(layers.map(\.layer) == [0, 2])
    #expect(layers[0].bucketSizes == [[101, 103], [107, 109]])
    #expect(layers[1].bucketSizes == [[113, 127], [131, 137]])
    #expect(layers[0].boundary == .segmentStart(padTokenID: 0))
    let unseeded = try AddressingOptions.parse([
      "--preset", "deepseek-v4.1", "--layers", "0", "2", "--max-order", "3",
    ])
    #expect(try unseeded.resolved()[0].multipliers != layers[0].multipliers)
  }
}
