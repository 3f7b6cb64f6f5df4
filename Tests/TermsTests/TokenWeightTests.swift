import SeededRandom
import Terms
import Testing
import Tokenization

@Suite struct TokenWeightTests {
  /// A token a byte, but for `ab`, which is one.
  private static func tokenizer() throws -> Tokenizer {
    var next: UInt32 = 0x100
    var entries: [String] = []
    for byte in UInt32(0)...255 {
      var value = byte
      if !(0x21...0x7E).contains(byte), !(0xA1...0xAC).contains(byte), !(0xAE...0xFF).contains(byte)
      {
        value = next
        next += 1
      }
      let text = String(Unicode.Scalar(value)!)
      entries.append("\"\(text == "\"" || text == "\\" ? "\\" + text : text)\":\(byte)")
    }
    entries.append("\"ab\":256")
    var json = """
      {"model":{"type":"BPE","vocab":{\(entries.joined(separator: ","))},"merges":["a b"]},
       "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":false},
       "decoder":{"type":"ByteLevel"}}
      """
    return try json.withUTF8 { try Tokenizer(json: UnsafeRawBufferPointer($0)) }
  }

  private let bytePairs: Tokenizer

  init() throws { bytePairs = try Self.tokenizer() }

  private func weights(_ bytes: [UInt8]) throws -> [UInt16] {
    var words = Words()
    return try bytes.withUnsafeBytes { text in
      try WordReader().read(text, into: &words)
      return try PassageCutter.weights(of: words, text: text, tokenizer: bytePairs)
    }
  }

  @Test func tokensCountForTheWordTheyBeginIn() throws {
    #expect(try weights(Array("xy z".utf8)) == [3, 1])
    #expect(try weights(Array("..abab, é".utf8)) == [6, 2])
    #expect(try weights(Array("..".utf8)).isEmpty)
  }

  @Test func textThatIsNotUTF8IsWeighedByBytes() throws {
    #expect(try weights(Array("abcd ".utf8) + [0xFF] + Array("efg".utf8)) == [2, 1])
  }

  @Test func allTokensAreCounted() throws {
    var random = RandomText(seed: 31)
    for _ in 0..<200 {
      let text = String(decoding: random.next(80), as: UTF8.self)
      let found = try weights(Array(text.utf8))
      guard !found.isEmpty else { continue }
      #expect(try found.reduce(0) { $0 + Int($1) } == bytePairs.encode(text).count)
    }
  }
}
