import Digests
import Files
import Foundation
import Testing
import Tokenization

@testable import Addressing

@Suite struct TokenMapTests {
  private static let identity =
    "c60a86322ec17b4142bfef3c57a8d81fb428550cdf487f88a4320cb59fe46481"

  private static func golden() throws -> String {
    try #require(
      Bundle.module.url(
        forResource: "deepseek-token-map", withExtension: "i32", subdirectory: "Golden")
    ).path
  }

  private static func tokenizerPath() -> String {
    if let path = ProcessInfo.processInfo.environment["ENGRAM_TOKENIZER"] { return path }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return root.appendingPathComponent(".cache/tokenizer/tokenizer.json").path
  }

  @Test func deepSeekTokenizerGivesThePublishedMap() throws {
    let path = Self.tokenizerPath()
    try #require(
      DurableFile.size(of: path) != nil,
      "no tokenizer at \(path): run Tools/setup, or set ENGRAM_TOKENIZER")
    let map = try TokenMap(tokenizer: Tokenizer(path: path))
    #expect(map.vocabularySize == 129_280)
    #expect(map.compressedSize == 99_092)
    #expect(map.identity.description == Self.identity)
    #expect(try map == TokenMap(readingFrom: Self.golden()))
  }

  @Test func goldenFileHasThePublishedIdentity() throws {
    let map = try TokenMap(readingFrom: Self.golden())
    #expect(map.identity.description == Self.identity)
    #expect(map.compressedSize == 99_092)
    #expect(map[129_280] == nil)
    #expect(map[-1] == nil)
    #expect(throws: TokenMapError.tokenOutOfRange(token: 129_280, vocabularySize: 129_280)) {
      try map.map([0, 129_280])
    }
  }

  @Test func writtenMapIsReadBack() throws {
    let path = NSTemporaryDirectory() + "/token-map-\(UUID().uuidString)"
    defer { try? DurableFile.remove(path) }
    let map = try TokenMap([0, 1, 0, 2, 2, 3])
    try map.write(to: path)
    #expect(try TokenMap(readingFrom: path) == map)
    #expect(try map.map([5, 0, 2]) == [3, 0, 0])
    #expect(DurableFile.size(of: path) == 24)
  }

  @Test func idsOutOfOrderAreRefused() throws {
    #expect(throws: TokenMapError.outOfOrder(token: 1, found: 2, limit: 1)) {
      try TokenMap([0, 2, 1])
    }
    #expect(throws: TokenMapError.outOfOrder(token: 0, found: -1, limit: 0)) {
      try TokenMap([-1])
    }
  }

  @Test func fileOfAnOddSizeIsRefused() throws {
    let path = NSTemporaryDirectory() + "/token-map-\(UUID().uuidString)"
    defer { try? DurableFile.remove(path) }
    try DurableFile.write("12345", to: path)
    #expect(throws: TokenMapError.badSize(path: path, bytes: 5)) {
      try TokenMap(readingFrom: path)
    }
    #expect(throws: TokenMapError.self) { try TokenMap(readingFrom: path + ".missing") }
  }
}
