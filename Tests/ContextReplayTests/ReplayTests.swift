import ContextStore
import Files
import Foundation
import SeededRandom
import TestCheckpoints
import Testing

@testable import ContextReplay

@Suite struct ReplayTests {
  private let scratch: ScratchFolder
  private let namespace: ContextNamespace

  init() throws {
    scratch = try ScratchFolder()
    namespace = try ContextNamespace(
      model: "test",
      layout: ContextLayout(
        blockTokens: 16,
        groups: [
          ContextGroup(name: "latent", layers: 4, rowBytes: 100),
          ContextGroup(name: "indexer", layers: 2, rowBytes: 12),
        ]))
  }

  private func store(_ capacity: Int) throws -> ContextStore {
    try ContextStore(
      path: scratch("context"), mode: .writing,
      options: .init(capacityBytes: capacity, log: { _ in }))
  }

  /// Conversations: each prompt goes on from one of the prompts before.
  private func prompts(_ count: Int, seed: UInt64) -> [[Int32]] {
    var generator = SeededGenerator(seed: seed)
    var known: [[Int32]] = [[]]
    return (0..<count).map { _ in
      let start = known[Int.random(in: max(0, known.count - 20)..<known.count, using: &generator)]
      let kept = start.prefix(Int.random(in: 0...max(1, start.count), using: &generator))
      let prompt =
        kept
        + (0..<Int.random(in: 1...200, using: &generator)).map { _ in
          Int32.random(in: 0..<50_000, using: &generator)
        }
      known.append(Array(prompt))
      return Array(prompt)
    }
  }

  @Test(arguments: [false, true])
  func aStoreWithRoomHitsAllThatWasSeen(isDurable: Bool) throws {
    let store = try store(64 << 20)
    let replay = ContextReplay(
      store: store, space: try store.space(namespace), isDurable: isDurable, isVerifying: true)
    var unlimited = RecencySimulation(capacity: nil, blockTokens: 16)
    var hits = 0
    let prompts = prompts(120, seed: 1)
    for prompt in prompts {
      try replay.play(prompt)
      hits += unlimited.play(prompt)
    }
    let report = replay.report()
    #expect(hits > 0 && report.hitTokens == hits)
    #expect(report.tokens == prompts.reduce(0) { $0 + $1.count } && report.prompts == 120)
    #expect(report.wrongBlocks == 0 && report.refusedBlocks == 0 && report.evictedBlocks == 0)
    #expect(report.getBytes == hits * (4 * 100 + 2 * 12))
    #expect(report.putBytes == report.storedBlocks * 16 * (4 * 100 + 2 * 12))
  }

  @Test func aSmallStoreStaysInItsBudget() throws {
    let capacity = 2 << 20
    let store = try store(capacity)
    let replay = ContextReplay(
      store: store, space: try store.space(namespace), isVerifying: true)
    var recency = RecencySimulation(capacity: nil, blockTokens: 16)
    var most = 0
    for prompt in prompts(600, seed: 2) {
      try replay.play(prompt)
      most += recency.play(prompt)
      #expect(FolderUsage.bytes(of: store.path) <= capacity)
    }
    let report = replay.report()
    #expect(report.evictedBlocks > 0 && report.wrongBlocks == 0)
    #expect(report.peakBytes <= capacity && report.peakBytes > 0)
    #expect(report.hitTokens > 0 && report.hitTokens < most)
  }

  @Test func damageCostsHitsAndNothingElse() throws {
    let prompts = prompts(100, seed: 3)
    var first: ContextStore? = try store(64 << 20)
    var replay: ContextReplay? = ContextReplay(store: first!, space: try first!.space(namespace))
    for prompt in prompts { try replay!.play(prompt) }
    replay = nil
    first!.close()
    first = nil
    let folder = scratch("context/segments")
    for name in try DurableFile.names(in: folder) where name.hasSuffix(".data") {
      var bytes = try DurableFile.read(folder + "/" + name)
      for place in stride(from: 20_000, to: bytes.count, by: 50_000) { bytes[place] ^= 4 }
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/" + name))
      try handle.write(contentsOf: bytes)
      try handle.close()
    }
    let again = try store(64 << 20)
    let second = ContextReplay(
      store: again, space: try again.space(namespace), isVerifying: true)
    for prompt in prompts { try second.play(prompt) }
    let report = second.report()
    #expect(report.wrongBlocks == 0)
    #expect(report.storedBlocks > 0, "what was damaged is put again")
    #expect(again.statistics.damagedBlocks > 0)
  }

  @Test func aFoldersUsageIsThatOfDu() throws {
    try DurableFile.createFolder(scratch("du/inner"))
    try DurableFile.write(String(repeating: "x", count: 100_000), to: scratch("du/inner/a"))
    try DurableFile.write("y", to: scratch("du/b"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/du")
    process.arguments = ["-s", "--block-size=1", scratch("du")]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    process.waitUntilExit()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(
      text.split(separator: "\t").first.flatMap { Int($0) } == FolderUsage.bytes(of: scratch("du")))
  }

  @Test func quantilesAreOfSortedWaits() {
    var waits = WaitTimes()
    #expect(waits.quantile(0.5) == nil)
    for wait in (1...100).shuffled() { waits.note(Double(wait)) }
    #expect(waits.quantile(0.5) == 50 && waits.quantile(0.99) == 99 && waits.quantile(1) == 100)
  }
}
