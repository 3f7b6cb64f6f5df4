import Digests
import Testing

@testable import ContextStore

@Suite struct KeyTests {
  /// A key is SHA-256 of the parent's key and the block's ids, 4 bytes each; the first parent is the
  /// namespace's digest.
  @Test(arguments: [1, 2, 3, 16, 64, 100]) func keysAreAChain(tokens: Int) throws {
    let layout = ContextLayout(
      blockTokens: tokens, groups: [ContextGroup(name: "a", layers: 1, rowBytes: 8)])
    let namespace = try ContextFixture.namespace(layout: layout)
    let prompt = ContextFixture.prompt(1, blocks: 5, tokens: tokens) + [7]
    let keys = try BlockKeys(.tokens(prompt), of: namespace)
    #expect(keys.count == (tokens == 1 ? 6 : 5))
    var parent = namespace.digest.bytes
    for index in 0..<keys.count {
      var message = parent
      for token in prompt[(index * tokens)..<((index + 1) * tokens)] {
        message.append(number: UInt32(bitPattern: token))
      }
      let expected = message.withUnsafeBytes { SHA256Digest(of: $0) }
      #expect(keys.key(index) == expected.bytes)
      #expect(keys.parent(index) == parent)
      parent = keys.key(index)
    }
  }

  /// A block whose key is right and whose tokens are not is a miss.
  @Test func aHitComparesTheTokensThemselves() throws {
    let namespace = try ContextFixture.namespace()
    let prompt = ContextFixture.prompt(1, blocks: 1)
    let keys = try BlockKeys(.tokens(prompt), of: namespace)
    var header = FrameHeader(
      namespace: namespace.digest.bytes, key: keys.key(0), parent: keys.parent(0),
      identity: keys.withIdentity(0) { Array($0) }, depth: 0, created: 1, durable: 0, groups: [])
    func matches() throws -> Bool {
      let encoded = header.encoded(salt: 5)
      return try encoded.withUnsafeBytes { bytes in
        let frame = try #require(FrameView(bytes, salt: 5))
        return keys.matches(0, frame)
      }
    }
    #expect(try matches())
    header.identity[9] ^= 1
    #expect(try !matches())
  }
}
