import Datasets
import Files
import Storage
import TestCheckpoints
import Testing

@testable import DatasetBuilder

@Suite(
  .enabled(if: SmallDisk.isAvailable, "needs the right to mount a small file system (root)"),
  .serialized)
struct IngestDiskFullTests {
  @Test func aFullDiskEndsTheIngestAndLosesNothing() throws {
    let corpus = try MadeCorpus(files: 200)
    let large = try MadeCorpus(files: 3000, seed: 3)
    let disk = try SmallDisk(size: "24m")
    let path = disk.path + "/store"
    func run(_ ingest: Ingest) throws -> IngestReport {
      try ingest.run(into: try Store(path: path, mode: .writing))
    }
    let first = try run(corpus.ingest)
    disk.fill(leaving: 5 << 20)
    var ingest = large.ingest
    ingest.dataset = "large"
    ingest.storage = .init(isCompressed: false)
    ingest.storage.chunkBytes = 256 << 10
    #expect {
      _ = try run(ingest)
    } throws: { error in
      "\(error)".contains("No space left on device") || "\(error)".contains("free")
    }
    let opened = try Store(path: path, mode: .reading)
    #expect(try opened.datasetVersions() == [first.version])
    #expect(try opened.verify([first.version]).findings.isEmpty)
    #expect(try DurableFile.names(in: path + "/tmp").isEmpty)
    // What came in before is kept, or gone without a trace; either way it goes on.
    try disk.empty()
    ingest.isResuming = try opened.interruptedIngest(of: "large") != nil
    let report = try run(ingest)
    #expect(report.version.manifest.samples == 3000)
    #expect(
      try Store(path: path, mode: .reading).verify([report.version]).findings.isEmpty)
  }
}
