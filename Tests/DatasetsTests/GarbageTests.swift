import ChunkStore
import Datasets
import Files
import Foundation
import SeededRandom
import Storage
import Testing

@Suite struct GarbageTests {
  private let fixture: DatasetFixture
  private let samples: [[UInt8]]
  private let other: [[UInt8]]

  init() throws {
    fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 1)
    samples = random.samples(800, 0...900)
    other = random.samples(800, 0...900)
  }

  private func drop(_ reference: String) throws -> [DatasetVersion] {
    try fixture.store.dropDataset(DatasetReference(parsing: reference))
  }

  private func open(_ reference: String) throws -> Dataset {
    try Dataset(DatasetReference(parsing: reference), in: fixture.store)
  }

  @Test func whatAReaderHasOpenStaysUntilItCloses() throws {
    try fixture.publish(samples)
    let kept = try fixture.chunkFiles()
    do {
      let dataset = try open("d")
      let dropped = try drop("d")
      #expect(dropped.map(\.title) == ["d@1"])
      #expect(throws: DatasetError.noSuchDataset(name: "d", available: [])) { try open("d") }
      let report = try fixture.store.collectGarbage()
      #expect(report.versionsInUse == ["d@1"] && report.collectedVersions == [])
      #expect(report.chunks == 0 && report.pages == 0)
      #expect(try fixture.chunkFiles() == kept)
      // Chunks that it opens only now, from another thread's reader.
      #expect(try readAll(dataset) == samples)
      // Another reader that had listed the version before may still come in.
      #expect(try readAll(Dataset(dropped[0], in: fixture.store)) == samples)
    }
    let report = try fixture.store.collectGarbage()
    #expect(report.collectedVersions == ["d@1"] && report.chunks == kept.count)
    #expect(report.pages == 1 && report.bytes > 0)
    #expect(try fixture.chunkFiles().isEmpty && fixture.pageFiles().isEmpty)
    #expect(try fixture.store.droppedDatasetVersions().isEmpty)
    #expect(try DurableFile.names(in: fixture.store.path + "/leases").isEmpty)
  }

  /// A reader that listed versions before they were dropped and opens one after the collection.
  @Test func openingAfterTheCollectionSaysSo() throws {
    let version = try fixture.publish(samples).version
    let reader = try Store(path: fixture.store.path, mode: .reading)
    _ = try drop("d")
    _ = try fixture.store.collectGarbage()
    #expect(throws: DatasetError.dropped(name: "d", version: 1)) {
      try Dataset(version, in: reader)
    }
    #expect(throws: DatasetError.dropped(name: "d", version: 1)) {
      try Dataset(DatasetReference(parsing: "d"), in: reader)
    }
  }

  /// Readers that open while versions are dropped and collected: each reads all or is refused.
  @Test func readersBesideTheCollectorReadAllOrNothing() throws {
    let store = fixture.store
    let versions = try (0..<8).map { number in
      try fixture.publish(samples.map { $0 + [UInt8(number)] }).version
    }
    let outcomes = Outcomes()
    DispatchQueue.concurrentPerform(iterations: 3) { thread in
      do {
        if thread == 0 {
          for version in versions {
            _ = try store.dropDataset(DatasetReference(parsing: version.title))
            _ = try store.collectGarbage()
          }
          return
        }
        for version in versions + versions {
          do {
            let read = try readAll(Dataset(version, in: store))
            outcomes.add(read.count == 800 ? "read" : "short")
          } catch DatasetError.dropped {
            outcomes.add("dropped")
          }
        }
      } catch {
        outcomes.add("\(error)")
      }
    }
    #expect(outcomes.seen.subtracting(["read", "dropped"]) == [])
    // How many came too late depends on the machine's load; now all do.
    for version in versions {
      #expect(throws: DatasetError.dropped(name: "d", version: version.manifest.version)) {
        try Dataset(version, in: store)
      }
    }
    _ = try store.collectGarbage()
    #expect(try fixture.chunkFiles().isEmpty)
  }

  final class Outcomes: @unchecked Sendable {
    // Used under the lock only.
    private var all: Set<String> = []
    private let lock = NSLock()
    func add(_ outcome: String) { lock.withLock { _ = all.insert(outcome) } }
    var seen: Set<String> { lock.withLock { all } }
  }

  @Test func whatOtherVersionsShareStays() throws {
    try fixture.publish(samples)
    try fixture.publish(Array(samples[100...]) + other[..<100])
    try fixture.publish(other, as: "e")
    _ = try drop("d@1")
    _ = try fixture.store.collectGarbage()
    #expect(try fixture.read("d@2") == Array(samples[100...]) + other[..<100])
    #expect(try fixture.read("e") == other)
    _ = try drop("d")
    let dry = try fixture.store.collectGarbage(isDryRun: true)
    let before = try fixture.chunkFiles()
    #expect(dry.chunks > 0 && dry.chunks < before.count)
    let report = try fixture.store.collectGarbage()
    #expect(report.chunks == dry.chunks && report.bytes == dry.bytes)
    #expect(try fixture.chunkFiles().count == before.count - dry.chunks)
    #expect(try fixture.read("e") == other)
    // A number is never used twice.
    #expect(try fixture.publish(samples).version.manifest.version == 3)
  }

  @Test func interruptedIngestsKeepTheirChunks() throws {
    let writer = try fixture.writer()
    for sample in samples {
      if try sample.withUnsafeBytes({ try writer.append($0) }) { try writer.mark(Data()) }
    }
    try writer.suspend()
    let kept = try fixture.chunkFiles()
    #expect(kept.count > 2)
    let report = try fixture.store.collectGarbage()
    #expect(report.interruptedIngests == ["d"] && report.chunks <= 1)
    #expect(try fixture.chunkFiles().count >= kept.count - 1)
    try fixture.store.forgetInterruptedIngests(["d"])
    _ = try fixture.store.collectGarbage()
    #expect(try fixture.chunkFiles().isEmpty)
  }

  /// An ingest of so many extents that pages of its manifest are stored before it is interrupted.
  @Test func interruptedIngestsKeepTheirPages() throws {
    let small = (0..<9000).map { number in withUnsafeBytes(of: number) { Array($0) } }
    try fixture.publish(small)
    // Backwards, each an extent of its own; then new ones, which complete a chunk.
    let turned = small.reversed() + other
    var writer = try fixture.writer()
    for (index, sample) in turned.enumerated() {
      guard try sample.withUnsafeBytes({ try writer.append($0) }) else { continue }
      try writer.mark(Data("\(index + 1)".utf8))
    }
    try writer.suspend()
    let interrupted = try #require(try fixture.store.interruptedIngest(of: "d"))
    #expect(!interrupted.pages.isEmpty)
    _ = try fixture.store.collectGarbage()
    let stored = try fixture.pageFiles().map { $0.suffix(64) }
    #expect(interrupted.pages.allSatisfy { stored.contains($0.name[...]) })
    writer = try fixture.writer(resuming: interrupted)
    let next = try #require(Int(String(decoding: interrupted.state, as: UTF8.self)))
    for sample in turned[next...] { _ = try sample.withUnsafeBytes { try writer.append($0) } }
    _ = try writer.publish(message: "m", source: DatasetFixture.source)
    #expect(try fixture.read() == turned)
  }

  @Test func ingestsAreForgottenWhereAskedFor() throws {
    let writer = try fixture.writer()
    for sample in samples {
      if try sample.withUnsafeBytes({ try writer.append($0) }) { try writer.mark(Data()) }
    }
    try writer.suspend()
    let report = try fixture.store.collectGarbage(isForgettingIngests: true)
    #expect(report.interruptedIngests == ["d"])
    #expect(try fixture.chunkFiles().isEmpty)
    #expect(try fixture.store.interruptedIngest(of: "d") == nil)
  }

  @Test func leasesOfNoVersionGo() throws {
    let version = try fixture.publish(samples).version
    let leases = fixture.store.path + "/leases"
    try DurableFile.write("", to: leases + "/" + String(repeating: "0", count: 64))
    _ = try fixture.store.collectGarbage()
    #expect(try DurableFile.names(in: leases) == [version.manifest.identity])
  }

  @Test func nothingGoesWhereAPageIsDamaged() throws {
    try fixture.publish(samples)
    try fixture.publish(other, as: "e")
    _ = try drop("d")
    let page = try fixture.pageFiles().first {
      try Dataset(DatasetReference(parsing: "e"), in: fixture.store).manifest.pages[0].name
        == String($0.suffix(64))
    }
    let chunks = try fixture.chunkFiles()
    try DatasetFixture.flip(page!, byte: 30)
    #expect(throws: DatasetError.self) { try fixture.store.collectGarbage() }
    try DurableFile.remove(page!)
    #expect(throws: ChunkError.missing(place: page!)) { try fixture.store.collectGarbage() }
    #expect(try fixture.chunkFiles() == chunks)
    #expect(try fixture.store.droppedDatasetVersions().count == 1)
  }

  @Test func foreignFilesBesideChunksAreLeftAlone() throws {
    try fixture.publish(samples)
    let foreign = fixture.store.path + "/chunks/notes.txt"
    try DurableFile.write("x", to: foreign)
    _ = try drop("d")
    _ = try fixture.store.collectGarbage()
    #expect(try fixture.chunkFiles().isEmpty)
    #expect(DurableFile.size(of: foreign) == 1)
  }
}
