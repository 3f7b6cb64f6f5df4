import Files
import Foundation
import Testing

@testable import ContextStore

@Suite struct BudgetTests {
  /// Bytes of the folder's files as the file system counts them.
  static func used(_ path: String) throws -> Int {
    var total = 0
    for name in try DurableFile.names(in: path)
      + DurableFile.names(in: path + "/segments").map({
        "segments/" + $0
      })
    {
      var status = stat()
      if stat(path + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
        total += Int(status.st_blocks) * 512
      }
    }
    return total
  }

  @Test func theCapIsKeptWhateverIsPut() throws {
    let fixture = ContextFixture()
    fixture.capacity = 8 << 20
    fixture.segment = 256 << 10
    let store = try fixture.open()
    let space = try store.space(ContextFixture.namespace())
    var most = 0
    // About seven times what fits.
    for seed in 0..<UInt64(600) {
      let prompt = ContextFixture.prompt(1000 + seed, blocks: 14)
      #expect(try space.putMade(prompt, 0..<14, relaxed: true).refused == 0)
      if seed % 10 == 0 { most = max(most, try Self.used(fixture.path)) }
    }
    #expect(most <= fixture.capacity)
    #expect(most > fixture.capacity / 2)
    #expect(store.statistics.usedBytes <= fixture.capacity)
    #expect(store.statistics.evictedBlocks > 4000)
    // The last is there, the first is not.
    let last = ContextFixture.prompt(1599, blocks: 14)
    let prefix = try space.lookup(.tokens(last))
    #expect(prefix.blockCount == 14)
    #expect(
      try prefix.bytes("latent", 0..<14).bytes
        == ContextFixture.part(last, range: 0..<14, group: 0))
    #expect(try space.lookup(.tokens(ContextFixture.prompt(1000, blocks: 14))).blockCount == 0)
  }

  @Test func whatIsAskedForStays() throws {
    let fixture = ContextFixture()
    fixture.capacity = 8 << 20
    fixture.segment = 256 << 10
    let space = try fixture.open().space(ContextFixture.namespace())
    let favourite = ContextFixture.prompt(1, blocks: 10)
    try space.putMade(favourite, 0..<10)
    for seed in 0..<UInt64(600) {
      try space.putMade(ContextFixture.prompt(5000 + seed, blocks: 10), 0..<10, relaxed: true)
      if seed % 20 == 0 {
        let prefix = try space.lookup(.tokens(favourite))
        #expect(prefix.blockCount == 10)
      }
    }
    let prefix = try space.lookup(.tokens(favourite))
    #expect(
      try prefix.bytes("indexer", 0..<10).bytes
        == ContextFixture.part(favourite, range: 0..<10, group: 1))
  }

  @Test func pinnedBlocksStayAndPinsEnd() throws {
    let fixture = ContextFixture()
    fixture.capacity = 6 << 20
    fixture.segment = 256 << 10
    let pinned = ContextFixture.prompt(2, blocks: 10)
    func fill(_ space: ContextSpace, _ seeds: Range<UInt64>) throws {
      for seed in seeds {
        try space.putMade(ContextFixture.prompt(9000 + seed, blocks: 10), 0..<10, relaxed: true)
      }
    }
    do {
      let space = try fixture.open().space(ContextFixture.namespace())
      try space.putMade(pinned, 0..<10)
      #expect(try space.pin(.tokens(pinned), seconds: 1000) == 10)
      try fill(space, 0..<200)
    }
    // A restart does not end it.
    let space = try fixture.open().space(ContextFixture.namespace())
    #expect(space.store.statistics.pinnedBlocks == 10)
    try fill(space, 200..<500)
    #expect(space.store.statistics.movedBlocks >= 10)
    let kept = try space.lookup(.tokens(pinned))
    #expect(
      try kept.bytes("latent", 0..<10).bytes
        == ContextFixture.part(pinned, range: 0..<10, group: 0))
    #expect(try space.pin(.tokens(pinned), seconds: 0) == 10)
    try fill(space, 500..<1200)
    #expect(try space.lookup(.tokens(pinned)).blockCount == 0)
  }

  @Test func aPrefixIsReadableAfterItsSegmentIsGone() throws {
    let fixture = ContextFixture()
    fixture.capacity = 4 << 20
    fixture.segment = 128 << 10
    let store = try fixture.open()
    let space = try store.space(ContextFixture.namespace())
    let prompt = ContextFixture.prompt(3, blocks: 10)
    try space.putMade(prompt, 0..<10)
    let prefix = try space.lookup(.tokens(prompt))
    for seed in 0..<UInt64(800) {
      try space.putMade(ContextFixture.prompt(70_000 + seed, blocks: 10), 0..<10, relaxed: true)
    }
    #expect(try space.lookup(.tokens(prompt)).blockCount == 0)
    #expect(
      try prefix.bytes("latent", 0..<10).bytes
        == ContextFixture.part(prompt, range: 0..<10, group: 0))
  }

  @Test func lifetimesEndByGroup() throws {
    let fixture = ContextFixture()
    let store = try fixture.open()
    let space = try store.space(ContextFixture.namespace(), lifetimes: ["indexer": 0.3])
    let prompt = ContextFixture.prompt(4, blocks: 5)
    try space.putMade(prompt, 0..<5)
    #expect(try space.lookup(.tokens(prompt)).presence(of: "indexer").leading == 5)
    usleep(400_000)
    let prefix = try space.lookup(.tokens(prompt))
    #expect(prefix.blockCount == 5)
    #expect(try prefix.presence(of: "indexer").present == 0)
    #expect(try prefix.presence(of: "latent").leading == 5)
    // It is stored anew.
    #expect(try space.putMade(prompt, 0..<5).stored == 5)
    #expect(try space.lookup(.tokens(prompt)).presence(of: "indexer").leading == 5)
  }

  @Test func capsThatHoldNothingAreRefused() throws {
    let fixture = ContextFixture()
    fixture.capacity = 1 << 20
    #expect(throws: ContextError.self) { try fixture.open() }
    fixture.capacity = 16 << 20
    fixture.segment = 4 << 20
    #expect(throws: ContextError.self) { try fixture.open() }
    fixture.segment = 64 << 10
    let store = try fixture.open()
    let large = ContextLayout(
      blockTokens: 64, groups: [ContextGroup(name: "kv", layers: 8, rowBytes: 1024)])
    let namespace = try ContextFixture.namespace(layout: large)
    let failure = #expect(throws: ContextError.self) { try store.space(namespace) }
    guard case .blockTooLarge(_, _, let needed) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    // The advice is good.
    let other = ContextFixture()
    other.capacity = max(9 * needed, StoreBudget.reserve + 8 * needed)
    other.segment = needed
    _ = try other.open().space(namespace)
  }
}
