import Datasets
import Files
import Foundation
import SeededRandom
import Storage
import Testing

@testable import DatasetBuilder

@Suite struct IngestTests {
  private struct Stop: Error {}

  @Test func whatGoesInComesOut() throws {
    let corpus = try MadeCorpus(files: 150)
    let report = try corpus.run(corpus.ingest)
    #expect(report.isNew && report.counts.samples == 150)
    #expect(try corpus.texts() == corpus.files())
    #expect(report.newChunks > 3)
  }

  @Test func aSecondIngestOfTheSameIsNoNewVersion() throws {
    let corpus = try MadeCorpus(files: 60)
    let first = try corpus.run(corpus.ingest)
    let second = try corpus.run(corpus.ingest)
    #expect(!second.isNew && second.version == first.version)
    #expect(second.counts.sharedSamples == 60 && second.newChunks == 0)
  }

  @Test func anEditSharesWhatIsTheSame() throws {
    let corpus = try MadeCorpus(files: 200)
    let first = try corpus.run(corpus.ingest)
    try corpus.write(17, "edited")
    try corpus.write(118, "edited as well")
    try DurableFile.remove(corpus.folder + "/" + corpus.name(50))
    try corpus.write(1000, "new")
    let second = try corpus.run(corpus.ingest)
    #expect(second.version.manifest.version == 2)
    #expect(second.counts.samples == 200 && second.counts.sharedSamples == 197)
    #expect(second.newChunks == 1)
    #expect(try corpus.texts("corpus@2") == corpus.files())
    #expect(try corpus.texts("corpus@1").count == 200)
    #expect(second.version.manifest.parent?.identity == first.version.manifest.identity)
  }

  @Test func appendingGoesBehindWhatIsThere() throws {
    let corpus = try MadeCorpus(files: 40)
    try corpus.run(corpus.ingest)
    let more = try MadeCorpus(files: 30, seed: 2)
    var ingest = corpus.ingest
    ingest.paths = [more.folder]
    ingest.isAppending = true
    let report = try corpus.run(ingest)
    #expect(report.version.manifest.samples == 70)
    let dataset = try Dataset(
      DatasetReference(name: "corpus"), in: Store(path: corpus.store, mode: .reading))
    let old = try Dataset(
      DatasetReference(name: "corpus", version: 1),
      in: Store(path: corpus.store, mode: .reading))
    let (all, before) = (SampleReader(dataset), SampleReader(old))
    for number in 0..<40 { #expect(try all.sample(number) == before.sample(number)) }
  }

  @Test(arguments: [1, 2]) func stoppedAnywhereItGoesOnToTheSameVersion(threads: Int) throws {
    let corpus = try MadeCorpus(files: 300, seed: 9)
    var ingest = corpus.ingest
    ingest.threads = threads
    let whole = try MadeCorpus(files: 0)
    let unbroken = try whole.run(ingest)
    for stop in [1, 40, 150, 299] {
      let store = corpus.scratch("store")
      try DurableFile.remove(store)
      var seen = 0
      #expect(throws: Stop.self) {
        try corpus.run(ingest) { progress in
          seen = progress.samples
          if progress.samples >= stop { throw Stop() }
        }
      }
      let opened = try Store(path: store, mode: .reading)
      #expect(try opened.datasetVersions().isEmpty)
      let kept = try opened.interruptedIngest(of: "corpus")
      if stop >= 150 { #expect((kept?.samples ?? 0) > 0 && kept!.samples <= seen) }
      var again = ingest
      again.isResuming = kept != nil
      let report = try corpus.run(again)
      #expect(report.version.manifest.identity == unbroken.version.manifest.identity)
      #expect(report.resumedSamples == kept?.samples ?? 0)
      #expect(report.counts == unbroken.counts)
      #expect(try Store(path: store, mode: .reading).interruptedIngest(of: "corpus") == nil)
    }
  }

  /// Bad, short and equal records between samples, and lines that are no records: wherever the
  /// ingest is stopped, each is counted and listed once.
  @Test func whatIsSkippedIsCountedOnceAcrossAStop() throws {
    let corpus = try MadeCorpus(files: 0)
    var random = SeededGenerator(seed: 21)
    var lines = [String](repeating: "", count: 50)
    for number in 0..<900 {
      switch number % 9 {
      case 2: lines.append("no json \(number)")
      case 4: lines.append("{\"text\":\"short\"}")
      case 6: lines.append("{\"text\":\"\(String(repeating: "again ", count: 9))\"}")
      default: lines.append("{\"text\":\"\(MadeCorpus.text(&random)) \(number), so much\"}")
      }
    }
    try DurableFile.createFolder(corpus.folder)
    try DurableFile.write(lines.joined(separator: "\n"), to: corpus.folder + "/lines.jsonl")
    var ingest = corpus.ingest
    ingest.corpus.minimumBytes = 10
    ingest.duplicates.removesExact = true
    func bad(_ path: String) throws -> String {
      String(decoding: try DurableFile.read(path), as: UTF8.self)
    }
    let whole = try MadeCorpus(files: 0)
    ingest.sideFile = whole.scratch("bad.jsonl")
    let unbroken = try whole.run(ingest)
    #expect(unbroken.counts.bad == 100 && unbroken.counts.exactDuplicates == 99)
    #expect(unbroken.counts.leftOut == ["fewer than 10 bytes": 100])
    ingest.sideFile = corpus.scratch("bad.jsonl")
    for stop in [1, 300] {
      try DurableFile.remove(corpus.store)
      #expect(throws: Stop.self) {
        try corpus.run(ingest) { if $0.samples >= stop { throw Stop() } }
      }
      var again = ingest
      again.isResuming = true
      let report = try corpus.run(again)
      #expect(report.resumedSamples > 0)
      #expect(report.counts == unbroken.counts)
      #expect(report.version.manifest.identity == unbroken.version.manifest.identity)
      #expect(try bad(corpus.scratch("bad.jsonl")) == bad(whole.scratch("bad.jsonl")))
    }
  }

  @Test func aResumeOfOtherSourcesIsRefused() throws {
    let corpus = try MadeCorpus(files: 300)
    #expect(throws: Stop.self) {
      try corpus.run(corpus.ingest) { if $0.samples >= 200 { throw Stop() } }
    }
    var other = corpus.ingest
    other.isResuming = true
    other.corpus.minimumBytes = 5
    #expect(throws: DatasetError.self) { try corpus.run(other) }
    try corpus.write(0, "changed since")
    var same = corpus.ingest
    same.isResuming = true
    #expect(throws: IngestError.sourcesChanged(dataset: "corpus", path: corpus.folder)) {
      try corpus.run(same)
    }
    // Nothing was lost by asking.
    #expect(
      try Store(path: corpus.store, mode: .reading).interruptedIngest(of: "corpus") != nil)
    #expect(throws: DatasetError.nothingToResume(name: "nothing")) {
      var nothing = same
      nothing.dataset = "nothing"
      try corpus.run(nothing)
    }
  }

  @Test func equalAndSimilarDocumentsAreLeftOutWhereAskedFor() throws {
    let corpus = try MadeCorpus(files: 0)
    var random = SeededGenerator(seed: 4)
    let long = (0..<400).map { _ in "w\(Int.random(in: 0...5000, using: &random))" }
    try corpus.write(0, long.joined(separator: " "))
    try corpus.write(7, long.joined(separator: " "))
    var edited = long
    edited[200] = "another"
    try corpus.write(14, edited.joined(separator: " "))
    try corpus.write(1, "something else altogether, which is like nothing else in here at all")
    let plain = try corpus.run(corpus.ingest)
    #expect(plain.counts.samples == 4)
    var ingest = corpus.ingest
    ingest.dataset = "exact"
    ingest.duplicates.removesExact = true
    let exact = try corpus.run(ingest)
    #expect(exact.counts.samples == 3 && exact.counts.exactDuplicates == 1)
    ingest.dataset = "near"
    ingest.duplicates.nearThreshold = 0.8
    let near = try corpus.run(ingest)
    #expect(near.counts.samples == 2)
    #expect(near.counts.exactDuplicates == 1 && near.counts.nearDuplicates == 1)
    // What is in already counts as well.
    ingest.isAppending = true
    let again = try corpus.run(ingest)
    #expect(again.counts.samples == 0 && !again.isNew)
  }

  @Test func badRecordsEndTheIngestOrGoToTheSideFile() throws {
    let corpus = try MadeCorpus(files: 5)
    let lines = ["{\"text\":\"a\"}", "no json", "{\"text\":1}", "{\"text\":\"b\",\"id\":7}"]
    let path = corpus.folder + "/lines.jsonl"
    try DurableFile.write(lines.joined(separator: "\n"), to: path)
    #expect {
      try corpus.run(corpus.ingest)
    } throws: { error in
      "\(error)".contains("lines.jsonl:2")
    }
    #expect(try Store(path: corpus.store, mode: .reading).datasetVersions().isEmpty)
    var ingest = corpus.ingest
    ingest.sideFile = corpus.scratch("bad.jsonl")
    let report = try corpus.run(ingest)
    #expect(report.counts.samples == 7 && report.counts.bad == 2)
    let side = String(decoding: try DurableFile.read(corpus.scratch("bad.jsonl")), as: UTF8.self)
    #expect(side.split(separator: "\n").count == 2)
    #expect(side.contains("\"record\":2") && side.contains("\"record\":3"))
    #expect(side.contains("no json"))
  }

  @Test func sourcesWithoutSamplesAreAnError() throws {
    let corpus = try MadeCorpus(files: 3)
    var ingest = corpus.ingest
    ingest.corpus.minimumBytes = 1 << 20
    #expect(throws: IngestError.self) { try corpus.run(ingest) }
    #expect(try Store(path: corpus.store, mode: .reading).datasetVersions().isEmpty)
  }
}
