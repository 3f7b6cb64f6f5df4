import Foundation
import SeededRandom
import Testing

@testable import ContextStore

@Suite struct PrefixTests {
  @Test func whatWasPutIsFoundByItsPrefixAndComesBack() throws {
    let fixture = ContextFixture()
    let space = try fixture.open().space(ContextFixture.namespace())
    let prompt = ContextFixture.prompt(1, blocks: 9)
    #expect(try space.putMade(prompt, 0..<9) == ContextPutResult(stored: 9))

    // Another prompt shares five blocks and a part of the sixth.
    var other = prompt
    other[5 * 16 + 3] += 1
    let prefix = try space.lookup(.tokens(other))
    #expect(prefix.blockCount == 5)
    #expect(prefix.tokenCount == 80)
    for (index, group) in ContextFixture.layout.groups.enumerated() {
      let (bytes, delivered) = try prefix.bytes(group.name, 1..<5)
      #expect(delivered == 4)
      #expect(bytes == ContextFixture.part(prompt, range: 1..<5, group: index))
    }
  }

  @Test func rowsComeByNumber() throws {
    let fixture = ContextFixture()
    let space = try fixture.open().space(ContextFixture.namespace())
    let prompt = ContextFixture.prompt(2, blocks: 30)
    try space.putMade(prompt, 0..<30)
    let prefix = try space.lookup(.tokens(prompt))
    var random = SeededGenerator(seed: 5)
    for (index, group) in ContextFixture.layout.groups.enumerated() {
      let each = ContextFixture.layout.rowsPerBlock(group)
      for count in [1, 2, 3, 4, 5, 64, 65, 700] {
        let rows = (0..<count).map { _ in Int64.random(in: 0..<Int64(30 * each), using: &random) }
        let layer = Int.random(in: 0..<group.layers, using: &random)
        var out = [UInt8](repeating: 0, count: count * group.rowBytes)
        try out.withUnsafeMutableBytes { out in
          try rows.withUnsafeBufferPointer {
            try prefix.gather(group.name, layer: layer, rows: $0, into: out)
          }
        }
        let expected = rows.flatMap { row in
          ContextFixture.row(
            prompt, block: Int(row) / each, group: index, layer: layer, row: Int(row) % each,
            bytes: group.rowBytes)
        }
        #expect(out == expected)
      }
    }
  }

  @Test func groupsMayComeLaterAndAreFoundBesideOneAnother() throws {
    let fixture = ContextFixture()
    let space = try fixture.open().space(ContextFixture.namespace())
    let prompt = ContextFixture.prompt(3, blocks: 6)
    try space.putMade(prompt, 0..<6, groups: [0])
    try space.putMade(prompt, 4..<6, groups: [1])
    let prefix = try space.lookup(.tokens(prompt))
    #expect(prefix.blockCount == 6)
    let latent = try prefix.presence(of: "latent")
    let indexer = try prefix.presence(of: "indexer")
    #expect(latent == ContextPresence(leading: 6, trailing: 6, present: 6))
    #expect(indexer == ContextPresence(leading: 0, trailing: 2, present: 2))
    #expect(try prefix.bytes("indexer", 4..<6).delivered == 2)
    #expect(try prefix.bytes("indexer", 0..<6).delivered == 0)
    // Of a put with both, only what is missing is stored.
    let again = try space.putMade(prompt, 0..<6)
    #expect(again == ContextPutResult(stored: 4, present: 2))
    #expect(try space.lookup(.tokens(prompt)).presence(of: "indexer").leading == 6)
  }

  @Test func equalBlocksAreStoredOnce() throws {
    let fixture = ContextFixture()
    let store = try fixture.open()
    let space = try store.space(ContextFixture.namespace())
    let prompt = ContextFixture.prompt(4, blocks: 8)
    try space.putMade(prompt, 0..<8)
    let before = store.statistics.liveBytes
    #expect(try space.putMade(prompt, 0..<8) == ContextPutResult(present: 8))
    #expect(try space.putMade(prompt, 2..<5, relaxed: true) == ContextPutResult(present: 3))
    #expect(store.statistics.liveBytes == before)
  }

  @Test func manyThreadsThatPutTheSameStoreItOnce() throws {
    let fixture = ContextFixture()
    let store = try fixture.open()
    let space = try store.space(ContextFixture.namespace())
    let prompts = (0..<4).map { ContextFixture.prompt(UInt64(40 + $0), blocks: 12) }
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for prompt in prompts { _ = try? space.putMade(prompt, 0..<12, relaxed: thread % 2 == 0) }
    }
    #expect(store.statistics.blocks == 48)
    #expect(store.statistics.storedBlocks == 48)
    for prompt in prompts {
      let prefix = try space.lookup(.tokens(prompt))
      let (bytes, delivered) = try prefix.bytes("latent", 0..<12)
      #expect(delivered == 12)
      #expect(bytes == ContextFixture.part(prompt, range: 0..<12, group: 0))
    }
  }

  @Test func nothingIsSharedBetweenNamespaces() throws {
    let fixture = ContextFixture()
    let store = try fixture.open()
    let prompt = ContextFixture.prompt(5, blocks: 3)
    try store.space(ContextFixture.namespace("a")).putMade(prompt, 0..<3)
    #expect(try store.space(ContextFixture.namespace("b")).lookup(.tokens(prompt)).blockCount == 0)
    let wider = ContextLayout(
      blockTokens: 16, groups: [ContextGroup(name: "latent", layers: 3, rowBytes: 101)])
    let other = try store.space(ContextFixture.namespace("a", layout: wider))
    #expect(try other.lookup(.tokens(prompt)).blockCount == 0)
  }

  @Test func keysOfAnEngineNameBlocks() throws {
    let fixture = ContextFixture()
    let space = try fixture.open().space(ContextFixture.namespace())
    let prompt = ContextFixture.prompt(6, blocks: 4)
    let part = ContextFixture.part(prompt, range: 0..<4, group: 0)
    let keys = (0..<(4 * 32)).map { UInt8($0) }
    let result = try part.withUnsafeBytes {
      try space.putDurable(.keys(keys), range: 0..<4, parts: ["latent": $0])
    }
    #expect(result.stored == 4)
    let prefix = try space.lookup(.keys(keys))
    #expect(prefix.blockCount == 4)
    #expect(try prefix.bytes("latent", 0..<4).bytes == part)
    var other = keys
    other[70] ^= 1
    #expect(try space.lookup(.keys(other)).blockCount == 2)
    #expect(throws: ContextError.badKeys(bytes: 33)) {
      try space.lookup(.keys([UInt8](repeating: 0, count: 33)))
    }
  }

  @Test func aBatchReadsSeveralPrefixes() throws {
    let fixture = ContextFixture()
    let space = try fixture.open().space(ContextFixture.namespace())
    let prompts = (0..<3).map { ContextFixture.prompt(UInt64(60 + $0), blocks: 5) }
    for prompt in prompts { try space.putMade(prompt, 0..<5) }
    let bytes = ContextFixture.layout.bytesPerBlock(ContextFixture.layout.groups[0]) * 5 / 3
    let buffers = prompts.map { _ in
      UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
    }
    defer { for buffer in buffers { buffer.deallocate() } }
    var reads = try zip(prompts, buffers).map { prompt, buffer in
      ContextRead(
        prefix: try space.lookup(.tokens(prompt)), group: "latent", layers: 1..<2, blocks: 0..<5,
        buffer: buffer)
    }
    try ContextPrefix.get(&reads)
    for (prompt, read) in zip(prompts, reads) {
      #expect(read.delivered == 5)
      let all = ContextFixture.part(prompt, range: 0..<5, group: 0)
      #expect(Array(read.buffer) == Array(all[bytes..<(2 * bytes)]))
    }
  }

  @Test func wrongQuestionsAreRefusedBeforeAnythingHappens() throws {
    let fixture = ContextFixture()
    let store = try fixture.open()
    let space = try store.space(ContextFixture.namespace())
    let prompt = ContextFixture.prompt(7, blocks: 2)
    let part = ContextFixture.part(prompt, range: 0..<2, group: 0)
    func put(_ range: Range<Int>, _ name: String, _ bytes: [UInt8]) throws {
      _ = try bytes.withUnsafeBytes {
        try space.putDurable(.tokens(prompt), range: range, parts: [name: $0])
      }
    }
    #expect(throws: ContextError.noSuchGroup(name: "x", known: ["latent", "indexer"])) {
      try put(0..<2, "x", part)
    }
    #expect(
      throws: ContextError.wrongPartSize(
        group: "latent", expected: 9600, found: 9599,
        shape: "3 layers of 2 blocks of 16 rows of 100 bytes")
    ) { try put(0..<2, "latent", Array(part.dropLast())) }
    #expect(throws: ContextError.blocksOutOfRange(first: 1, count: 2, available: 2)) {
      try put(1..<3, "latent", part)
    }
    #expect(throws: ContextError.badToken(id: -4, position: 1)) {
      try space.lookup(.tokens([1, -4]))
    }
    #expect(store.statistics.blocks == 0)
    try put(0..<2, "latent", part)
    let prefix = try space.lookup(.tokens(prompt))
    #expect(throws: ContextError.rowOutOfRange(group: "latent", row: 32, rows: 32)) {
      try prefix.row("latent", layer: 0, row: 32, bytes: 100)
    }
    #expect(throws: ContextError.rowOutOfRange(group: "latent", row: -1, rows: 32)) {
      try prefix.row("latent", layer: 0, row: -1, bytes: 100)
    }
    #expect(
      throws: ContextError.layersOutOfRange(group: "latent", first: 3, count: 1, layers: 3)
    ) { try prefix.row("latent", layer: 3, row: 0, bytes: 100) }
    #expect(throws: ContextError.bufferTooSmall(needed: 100, given: 99)) {
      try prefix.row("latent", layer: 0, row: 0, bytes: 99)
    }
    #expect(throws: ContextError.missing(group: "indexer", layer: 0, row: 0)) {
      try prefix.row("indexer", layer: 0, row: 0, bytes: 33)
    }
  }
}
