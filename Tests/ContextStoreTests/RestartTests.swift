import CKernels
import Files
import Foundation
import Testing

@testable import ContextStore

@Suite struct RestartTests {
  @Test func aClosedStoreOpensWithAllThatWasPut() throws {
    let fixture = ContextFixture()
    let prompts = (0..<20).map { ContextFixture.prompt(UInt64(100 + $0), blocks: 15) }
    do {
      let space = try fixture.open().space(ContextFixture.namespace())
      for prompt in prompts { try space.putMade(prompt, 0..<15) }
    }
    let store = try fixture.open()
    #expect(store.statistics.blocks == 300)
    #expect(store.spaces() == [try ContextFixture.namespace()])
    let space = try store.space(ContextFixture.namespace())
    for prompt in prompts {
      let prefix = try space.lookup(.tokens(prompt))
      #expect(prefix.blockCount == 15)
      #expect(
        try prefix.bytes("latent", 0..<15).bytes
          == ContextFixture.part(prompt, range: 0..<15, group: 0))
    }
    #expect(fixture.lines.all == [])
  }

  @Test func aReaderSeesWhatAWriterPutsWhenItLooksAgain() throws {
    let fixture = ContextFixture()
    let writer = try fixture.open()
    let space = try writer.space(ContextFixture.namespace())
    let prompt = ContextFixture.prompt(8, blocks: 6)
    try space.putMade(prompt, 0..<3)
    let reader = try fixture.open(.reading)
    let seen = try reader.space(ContextFixture.namespace())
    #expect(try seen.lookup(.tokens(prompt)).blockCount == 3)
    try space.putMade(prompt, 3..<6)
    #expect(try seen.lookup(.tokens(prompt)).blockCount == 3)
    try reader.refresh()
    let prefix = try seen.lookup(.tokens(prompt))
    #expect(prefix.blockCount == 6)
    #expect(
      try prefix.bytes("latent", 0..<6).bytes
        == ContextFixture.part(prompt, range: 0..<6, group: 0))
    #expect(throws: ContextError.readOnly(path: fixture.path)) { try seen.putMade(prompt, 0..<1) }
    try space.clear(.tokens(Array(prompt[0..<32])))
    try reader.refresh()
    #expect(try seen.lookup(.tokens(prompt)).blockCount == 1)
  }

  @Test func aRemovalThatACrashInterruptedIsNoDamage() throws {
    let fixture = ContextFixture()
    do {
      let space = try fixture.open().space(ContextFixture.namespace())
      for seed in 100..<120 {
        try space.putMade(ContextFixture.prompt(UInt64(seed), blocks: 15), 0..<15)
      }
    }
    // In the order in which a segment's files go.
    let first = fixture.path + "/segments/0000000001"
    try FileManager.default.removeItem(atPath: first + ".blocks")
    #expect(try fixture.open(.reading).verify().damaged == [])
    try FileManager.default.removeItem(atPath: first + ".data")
    try Data([1]).write(to: URL(fileURLWithPath: first + ".dead"))
    #expect(try fixture.open(.reading).verify().damaged == [])
    _ = try fixture.open()
    #expect(!FileManager.default.fileExists(atPath: first + ".dead"))
  }

  /// Without it the data would serve what was cleared.
  @Test func aListOfDeadBlocksThatIsRemovedTakesItsSegmentAlong() throws {
    let fixture = ContextFixture()
    let prompt = ContextFixture.prompt(10, blocks: 6)
    do {
      let store = try fixture.open()
      let space = try store.space(ContextFixture.namespace())
      try space.putMade(prompt, 0..<6)
      try space.clear(.tokens(Array(prompt[0..<48])))
      store.close()
    }
    let dead = fixture.path + "/segments/0000000001.dead"
    #expect(try fixture.open(.reading).verify().damaged == [])
    try FileManager.default.removeItem(atPath: dead)
    let reader = try fixture.open(.reading)
    #expect(fixture.lines.all.contains { $0.contains("0000000001.dead is missing") })
    #expect(reader.statistics.blocks == 0)
    #expect(reader.verify().damaged.contains { $0.contains("0000000001.data") })
    let writer = try fixture.open()
    #expect(writer.statistics.blocks == 0)
    let space = try writer.space(ContextFixture.namespace())
    try space.putMade(prompt, 0..<6)
    writer.close()
    #expect(try fixture.open(.reading).statistics.blocks == 6)
  }

  @Test func whatIsClearedStaysClearedWhereItsFilesCannotBeRemoved() throws {
    let fixture = ContextFixture()
    let prompt = ContextFixture.prompt(10, blocks: 6)
    do {
      let store = try fixture.open()
      try store.space(ContextFixture.namespace()).putMade(prompt, 0..<6)
      store.close()
    }
    let list = fixture.path + "/segments/0000000001.blocks"
    do {
      let store = try fixture.open()
      let space = try store.space(ContextFixture.namespace())
      #expect(try space.lookup(.tokens(prompt)).blockCount == 6)
      // A folder is not unlinked.
      try FileManager.default.removeItem(atPath: list)
      try FileManager.default.createDirectory(atPath: list, withIntermediateDirectories: false)
      #expect(try store.clearAll() == 6)
      #expect(fixture.lines.all.contains { $0.contains("0000000001.blocks") })
      store.close()
    }
    try FileManager.default.removeItem(atPath: list)
    let store = try fixture.open()
    #expect(FileManager.default.fileExists(atPath: fixture.path + "/segments/0000000001.data"))
    let space = try store.space(ContextFixture.namespace())
    #expect(try space.lookup(.tokens(prompt)).blockCount == 0)
  }

  @Test func aSecondWriterIsToldWhoWrites() throws {
    let fixture = ContextFixture()
    let store = try fixture.open()
    #expect(
      throws: ContextError.writerIsActive(path: fixture.path, processIdentifier: getpid())
    ) { try fixture.open() }
    withExtendedLifetime(store) {}
  }

  @Test func aTailThatACrashToreIsCutAtTheFirstBlockThatIsNotWhole() throws {
    let fixture = ContextFixture()
    fixture.segment = 4 << 20
    let prompt = ContextFixture.prompt(9, blocks: 40)
    let frame: Int
    do {
      let store = try fixture.open()
      let space = try store.space(ContextFixture.namespace())
      try space.putMade(prompt, 0..<10)
      try space.putMade(prompt, 10..<40, relaxed: true)
      frame = store.state.withLock { $0.segments[0]!.entries[20].offset }
      // What is on the disk when the machine stops: heads, but not all rows.
      try FileManager.default.copyItem(atPath: fixture.path, toPath: fixture.path + "-copy")
    }
    let copy = fixture.path + "-copy"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    let data = copy + "/segments/0000000001.data"
    let file = try #require(FileHandle(forUpdatingAtPath: data))
    try file.seek(toOffset: UInt64(frame + 1000))
    try file.write(contentsOf: Data(count: 700))
    try file.close()
    let lines = ContextFixture.LogLines()
    let store = try ContextStore(
      path: copy, mode: .writing, options: .init(log: { lines.add($0) }))
    let prefix = try store.space(ContextFixture.namespace()).lookup(.tokens(prompt))
    #expect(prefix.blockCount == 20)
    #expect(
      try prefix.bytes("latent", 0..<20).bytes
        == ContextFixture.part(prompt, range: 0..<20, group: 0))
  }

  /// A reader cuts and seals nothing, but says what it misses.
  @Test(arguments: [ContextStore.Mode.reading, .writing])
  func aDamagedHeadInASegmentThatWasBeingWrittenIsSaid(mode: ContextStore.Mode) throws {
    let fixture = ContextFixture()
    let prompt = ContextFixture.prompt(10, blocks: 6)
    let store = try fixture.open()
    let space = try store.space(ContextFixture.namespace())
    try space.putMade(prompt, 0..<3)
    try space.putMade(prompt, 3..<6)
    let frame = store.state.withLock { $0.segments[0]!.entries[1].offset }
    // As a crash leaves it.
    let left = ContextFixture()
    try FileManager.default.copyItem(atPath: fixture.path, toPath: left.path)
    let data = left.path + "/segments/0000000001.data"
    let file = try #require(FileHandle(forUpdatingAtPath: data))
    try file.seek(toOffset: UInt64(frame + 60))
    try file.write(contentsOf: Data(repeating: 255, count: 1))
    try file.close()
    let again = try left.open(mode)
    let prefix = try again.space(ContextFixture.namespace()).lookup(.tokens(prompt))
    #expect(prefix.blockCount == 1)
    #expect(left.lines.all.contains { $0.contains("0000000001.data at \(frame) is damaged") })
    store.close()
  }

  /// That a list of dead blocks alone is left by a removal is no reason to miss a segment that was
  /// being written.
  @Test(arguments: [false, true])
  func aSegmentThatWasBeingWrittenIsMissed(hasDead: Bool) throws {
    let fixture = ContextFixture()
    let prompt = ContextFixture.prompt(10, blocks: 6)
    let store = try fixture.open()
    let space = try store.space(ContextFixture.namespace())
    try space.putMade(prompt, 0..<6)
    if hasDead { #expect(try space.clear(.tokens(prompt)) == 1) }
    // As a crash leaves it.
    let left = ContextFixture()
    try FileManager.default.copyItem(atPath: fixture.path, toPath: left.path)
    let first = left.path + "/segments/0000000001"
    #expect(FileManager.default.fileExists(atPath: first + ".dead") == hasDead)
    try FileManager.default.removeItem(atPath: first + ".data")
    #expect(try left.open(.reading).statistics.blocks == 0)
    #expect(left.lines.all.contains { $0.contains("0000000001.data is missing") })
    store.close()
  }

  @Test(arguments: [false, true])
  func aDamagedCopyOfAHeadInAListIsReported(isCleared: Bool) throws {
    let fixture = ContextFixture()
    let prompt = ContextFixture.prompt(10, blocks: 8)
    do {
      let space = try fixture.open().space(ContextFixture.namespace())
      try space.putMade(prompt, 0..<8)
      if isCleared { #expect(try space.clear(.tokens(prompt)) == 1) }
    }
    // The last bytes are token ids of the last block: opening does not read them.
    let list = fixture.path + "/segments/0000000001.blocks"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: list))
    bytes[bytes.count - 8] ^= 1
    try bytes.write(to: URL(fileURLWithPath: list))
    let store = try fixture.open(.reading)
    let damaged = store.verify().damaged
    #expect(damaged.count == 1)
    #expect(damaged.first?.contains("0000000001.blocks is damaged") == true)
    // The data has that head too: nothing is lost.
    let space = try store.space(ContextFixture.namespace())
    #expect(try space.lookup(.tokens(prompt)).blockCount == (isCleared ? 7 : 8))
  }

  @Test func aDamagedListOfPinsIsReported() throws {
    let fixture = ContextFixture()
    let prompt = ContextFixture.prompt(11, blocks: 2)
    do {
      let space = try fixture.open().space(ContextFixture.namespace())
      try space.putMade(prompt, 0..<2)
      _ = try space.pin(.tokens(prompt), seconds: 3600)
    }
    let pins = URL(fileURLWithPath: fixture.path + "/pins")
    var bytes = try Data(contentsOf: pins)
    bytes[20] ^= 1
    try bytes.write(to: pins)
    let damaged = try fixture.open(.reading).verify().damaged
    #expect(damaged.map { $0.contains("pins is damaged") } == [true])
  }

  @Test func aSegmentThatCannotBeReadNowIsNotRemoved() throws {
    let fixture = ContextFixture()
    let prompt = ContextFixture.prompt(12, blocks: 3)
    do {
      let space = try fixture.open().space(ContextFixture.namespace())
      try space.putMade(prompt, 0..<3)
    }
    let segments = fixture.path + "/segments/"
    let names = try DurableFile.names(in: segments)
    let data = segments + (try #require(names.first { $0.hasSuffix(".data") }))
    try DurableFile.rename(data, to: fixture.path + "/segments.away")
    // Opening it fails, and not because there is none.
    #expect(symlink(data, data) == 0)
    #expect(throws: FileError.self) { try fixture.open() }
    #expect(throws: FileError.self) { try fixture.open(.reading) }
    try DurableFile.rename(fixture.path + "/segments.away", to: data)
    #expect(try DurableFile.names(in: segments) == names)
    let space = try fixture.open().space(ContextFixture.namespace())
    #expect(try space.lookup(.tokens(prompt)).blockCount == 3)
  }

  @Test func foldersOfOtherThingsAreRefused() throws {
    let fixture = ContextFixture()
    #expect(throws: ContextError.noStore(path: fixture.path)) { try fixture.open(.reading) }
    try FileManager.default.createDirectory(
      atPath: fixture.path, withIntermediateDirectories: true)
    try Data("x".utf8).write(to: URL(fileURLWithPath: fixture.path + "/notes.txt"))
    #expect(throws: ContextError.notAStore(path: fixture.path)) { try fixture.open() }
    try FileManager.default.removeItem(atPath: fixture.path + "/notes.txt")
    try Data("engram-context 1".utf8).write(to: URL(fileURLWithPath: fixture.path + "/FORMAT"))
    #expect(throws: ContextError.notAStore(path: fixture.path)) { try fixture.open() }
    try Data("engram-context 2\n".utf8).write(to: URL(fileURLWithPath: fixture.path + "/FORMAT"))
    #expect(throws: ContextError.newerFormat(path: fixture.path, found: 2, supported: 1)) {
      try fixture.open()
    }
  }

  /// One byte behind its end is damage, as any other is.
  @Test func nothingLiesBehindTheStateFile() throws {
    let fixture = ContextFixture()
    let prompt = ContextFixture.prompt(10, blocks: 3)
    do {
      let store = try fixture.open()
      try store.space(ContextFixture.namespace()).putMade(prompt, 0..<3)
      store.close()
    }
    let path = fixture.path + "/state.json"
    let bytes = try DurableFile.read(path) + [UInt8(ascii: "x")]
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: path) }
    let store = try fixture.open(.reading)
    #expect(fixture.lines.all.contains { $0.contains("state.json is damaged") })
    #expect(store.verify().damaged.contains { $0.contains("state.json is damaged") })
  }

  /// Puts and closing go on without it: what it knows beside the segments is worth a line.
  @Test func aStateFileThatCannotBeWrittenIsSaid() throws {
    let fixture = ContextFixture()
    let prompt = ContextFixture.prompt(10, blocks: 3)
    let store = try fixture.open()
    let space = try store.space(ContextFixture.namespace())
    // No file is renamed to what a folder is called.
    let path = fixture.path + "/state.json"
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    try space.putMade(prompt, 0..<3)
    #expect(fixture.lines.all.filter { $0.contains("state.json") }.count == 1)
    store.close()
    #expect(fixture.lines.all.filter { $0.contains("state.json") }.count == 2)
    try FileManager.default.removeItem(atPath: path)
    #expect(try fixture.open(.reading).statistics.blocks == 3)
  }

  /// Files whose checksums match and whose numbers nobody could have.
  @Test func absurdNumbersAreNotBelieved() throws {
    let fixture = ContextFixture()
    let prompt = ContextFixture.prompt(9, blocks: 3)
    do {
      let store = try fixture.open()
      try store.space(ContextFixture.namespace()).putMade(prompt, 0..<3)
      store.close()
    }
    func sum(_ bytes: [UInt8]) -> UInt32 {
      bytes.withUnsafeBytes { engram_crc32c(0, $0.baseAddress, $0.count) }
    }
    func write(_ bytes: [UInt8], _ name: String) throws {
      try bytes.withUnsafeBytes { try DurableFile.write($0, to: fixture.path + "/" + name) }
    }
    // A tick behind which there is none.
    var recency = try DurableFile.read(fixture.path + "/recency")
    recency.replaceSubrange(8..<16, with: repeatElement(255, count: 8))
    let end = recency.count - 4
    withUnsafeBytes(of: sum(Array(recency[..<end])).littleEndian) {
      recency.replaceSubrange(end..., with: $0)
    }
    try write(recency, "recency")
    // A lifetime of more milliseconds than can be counted.
    let state = try DurableFile.read(fixture.path + "/state.json").split(separator: 10)[0]
    let line = String(decoding: state, as: UTF8.self).replacing(
      "\"lifetimes\":{}", with: "\"lifetimes\":{\"latent\":1e300}")
    #expect(line.contains("1e300"))
    let digits = String(sum(Array(line.utf8)), radix: 16)
    try write(Array("\(line)\n\(digits)\n".utf8), "state.json")
    // A segment of a terabyte that holds nothing.
    let segment = try #require(
      DurableFile.names(in: fixture.path + "/segments").first { $0.hasSuffix(".data") })
    let other = fixture.path + "/segments/0000000099.data"
    var header = SegmentHeader(number: 99, salt: 5, created: 1, lifetime: 0).encoded
    header += [UInt8](repeating: 0, count: 4096 - header.count)
    try write(header, "segments/0000000099.data")
    #expect(truncate(other, 1 << 40) == 0)
    for mode in [ContextStore.Mode.reading, .writing] {
      let store = try fixture.open(mode)
      defer { store.close() }
      let space = try store.space(ContextFixture.namespace())
      #expect(try space.lookup(.tokens(prompt)).blockCount == 3, "\(segment)")
    }
    #expect(fixture.lines.all.contains { $0.contains("state.json is damaged") })
  }
}
