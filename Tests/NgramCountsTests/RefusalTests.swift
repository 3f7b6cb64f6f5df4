import Datasets
import Files
import SeededRandom
import Storage
import TestCheckpoints
import Testing
import TokenStreams

@testable import NgramCounts

/// What cannot be counted: one error, nothing left behind.
@Suite struct RefusalTests {
  @Test func datasetsThatAreNotThisTokenizers() throws {
    let fixture = try CountFixture(vocabulary: 60)
    try fixture.publish([[1, 2]], tokenizer: .some(nil))
    #expect(throws: TokenStreamError.noTokenizerIdentity(dataset: "d@1")) {
      try fixture.counting()
    }
    try fixture.publish(
      [[1, 2]], tokenizer: .init(sha256: String(repeating: "0", count: 64), vocabulary: 60))
    #expect(throws: TokenStreamError.self) { try fixture.counting() }
    // An id beyond the vocabulary, which the dataset must not have, is found when it is met.
    try fixture.publish([[1, 2], [3, 60]])
    #expect(
      throws: TokenStreamError.tokenOutOfRange(
        dataset: "d@3", sample: 0, token: 60, vocabulary: 60)
    ) { try fixture.publishCounts() }
    #expect(try DurableFile.names(in: fixture.path + "/tmp").isEmpty)
  }

  @Test func datasetsWithNothingToCount() throws {
    let fixture = try CountFixture(vocabulary: 60)
    try fixture.publish([])
    #expect(throws: CountError.noSamples(dataset: "d@1")) { try fixture.counting() }
    try fixture.publish([[1, 2, 3], [], [4]])
    #expect(throws: CountError.nothingOfOrder(dataset: "d@2", order: 4)) {
      try fixture.publishCounts(orders: 2...4)
    }
    #expect(throws: CountError.badOrders(lower: 0, upper: 2)) {
      try fixture.counting(orders: 0...2)
    }
    #expect(throws: CountError.badOrders(lower: 2, upper: 9)) {
      try fixture.counting(orders: 2...9)
    }
    #expect(throws: CountError.badName("a b")) { try fixture.publishCounts(as: "a b") }
    let store = try Store(path: fixture.path, mode: .reading)
    #expect(try store.publishedCounts().isEmpty)
    #expect(try DurableFile.names(in: fixture.path + "/tmp").isEmpty)
  }

  @Test func tooLittleMemoryIsSaidBeforeTheWork() throws {
    let error = #expect(throws: CountError.self) { try CountMemory(limit: 32 << 20, threads: 2) }
    guard case .memoryTooSmall(let given, let needed)? = error else {
      Issue.record("\(error!)")
      return
    }
    #expect(given == 32 << 20)
    // What it asks for is enough, and tables are well below half of it.
    let shares = try CountMemory(limit: needed + (8 << 20), threads: 2)
    #expect(shares.tableBytesPerThread >= 4 << 20)
    #expect(2 * shares.tableBytesPerThread < needed / 2)
  }

  @Test func aStopLeavesNothing() throws {
    struct Stop: Error {}
    var generator = SeededGenerator(seed: 8)
    let fixture = try CountFixture(vocabulary: 500)
    try fixture.publish(generator.documents(300, vocabulary: 500))
    for phase in [CountProgress.Phase.counting, .merging, .checking] {
      #expect(throws: Stop.self) {
        let store = try Store(path: fixture.path, mode: .writing)
        _ = try fixture.counting(tableBytes: 1 << 12).publish(as: "c", in: store) {
          if $0.phase == phase { throw Stop() }
        }
      }
      let store = try Store(path: fixture.path, mode: .writing)
      #expect(try store.publishedCounts().isEmpty)
      #expect(try DurableFile.names(in: fixture.path + "/tmp").isEmpty)
      #expect(try DurableFile.names(in: fixture.path + "/tables").isEmpty)
    }
  }

  @Test(.enabled(if: SmallDisk.isAvailable, "needs the right to mount a small file system (root)"))
  func aFullDiskEndsTheCountAndLosesNothing() throws {
    var generator = SeededGenerator(seed: 6)
    let fixture = try CountFixture(vocabulary: 100_000)
    try fixture.publish(
      (0..<60).map { _ in
        (0..<500).map { _ in Int32.random(in: 0..<100_000, using: &generator) }
      })
    let first = try fixture.publishCounts(orders: 1...1)
    let disk = try SmallDisk(size: "24m")
    // Runs on the small disk.
    disk.fill(leaving: 256 << 10)
    let error = #expect(throws: FileError.self) {
      try fixture.counting().write(to: disk.path + "/run")
    }
    #expect(error.map { "\($0)".contains("nothing was lost") } ?? false)
    #expect(try DurableFile.names(in: disk.path) == ["filler"])
    // The store on it: too little space for the result is said before it is written.
    try disk.empty()
    let store = disk.path + "/store"
    try fixture.copyStore(to: store)
    disk.fill(leaving: 5 << 20)
    #expect {
      let writing = try Store(path: store, mode: .writing)
      _ = try fixture.counting(orders: 1...4, tableBytes: 1 << 14).publish(as: "c", in: writing)
    } throws: { error in
      "\(error)".contains("nothing was lost")
    }
    let reading = try Store(path: store, mode: .reading)
    #expect(try reading.publishedCounts() == [first.published])
    #expect(try NgramCounts.verify(first.published, in: reading).problems.isEmpty)
    #expect(try DurableFile.names(in: store + "/tmp").isEmpty)
    try disk.empty()
    let writing = try Store(path: store, mode: .writing)
    #expect(try fixture.counting(orders: 1...4).publish(as: "c", in: writing).version == 2)
  }
}
