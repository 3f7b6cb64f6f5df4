import ChunkStore
import Digests
import Files
import Foundation
import SeededRandom
import Storage
import TestCheckpoints
import Testing

@testable import Datasets

@Suite struct VerifyTests {
  private let fixture: DatasetFixture
  private let samples: [[UInt8]]

  init() throws {
    fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 1)
    samples = random.samples(900, 0...900)
    try fixture.publish(samples)
  }

  private func findings() throws -> [String] {
    try fixture.store.verify(fixture.store.datasetVersions(), threads: 2).findings
  }

  @Test func aSoundStoreHasNoFindings() throws {
    let result = try fixture.store.verify(fixture.store.datasetVersions(), threads: 2)
    #expect(result.findings == [] && result.versions == 1)
    #expect(try result.chunks == fixture.chunkFiles().count)
    #expect(try result.bytes == fixture.chunkFiles().reduce(0) { $0 + DurableFile.size(of: $1)! })
  }

  /// A bit anywhere in chunks and pages is found and named; reading is right or refused.
  @Test func aFlippedBitAnywhereIsFound() throws {
    var random = SeededGenerator(seed: 2)
    let files = try fixture.chunkFiles() + fixture.pageFiles()
    for round in 0..<120 {
      let file = files[round % files.count]
      let byte = Int.random(in: 0..<DurableFile.size(of: file)!, using: &random)
      let bit = UInt8.random(in: 0..<8, using: &random)
      try DatasetFixture.flip(file, byte: byte, bit: bit)
      let found = try findings()
      #expect(found.count == 1 && found[0].contains(file), "byte \(byte) of \(file): \(found)")
      #expect(!found[0].contains("\n") && found[0].hasPrefix("d@1: "))
      if let dataset = try? Dataset(DatasetReference(parsing: "d"), in: fixture.store) {
        let reader = SampleReader(dataset)
        for number in stride(from: round % 7, to: samples.count, by: 7) {
          if let sample = try? reader.sample(number) { #expect(sample == samples[number]) }
        }
      }
      try DatasetFixture.flip(file, byte: byte, bit: bit)
    }
    #expect(try findings() == [])
  }

  /// What only a wrong writer makes: sound files of samples that are not what they are said to be.
  @Test func samplesThatAreNotWhatIsSaidAreFound() throws {
    let builder = ChunkBuilder(codec: .stored, blockBytes: 4096)
    _ = try ([1, 2, 3] as [UInt8]).withUnsafeBytes { try builder.append($0, digest: 12345) }
    let (sealed, chunks) = (builder.seal(), fixture.store.chunks)
    let manifest = try fixture.store.datasetVersions()[0].manifest
    _ = try builder.withFile { try chunks.putIfAbsent(sealed.name, $0) }
    #expect {
      try Store.verify(sealed, of: manifest, in: chunks)
    } throws: {
      "\($0)".contains("sample 0 does not have the digest")
    }
    // A sound chunk under another one's name.
    var stray = sealed
    stray.name = SHA256Digest(bytes: [UInt8](repeating: 1, count: 32)[...])
    _ = try builder.withFile { try chunks.putIfAbsent(stray.name, $0) }
    #expect {
      try Store.verify(stray, of: manifest, in: chunks)
    } throws: {
      "\($0)".contains("not those of its name")
    }
    let writer = try DatasetWriter("texts", kind: .document, in: fixture.store)
    _ = try ([9, 9, 9, 9] as [UInt8]).withUnsafeBytes { try writer.append($0) }
    _ = try writer.publish(message: "", source: DatasetFixture.source)
    let found = try findings()
    #expect(found.count == 1 && found[0].hasPrefix("texts@1: "))
  }

  @Test func missingFilesAreFound() throws {
    let chunks = try fixture.chunkFiles()
    let bytes = try DurableFile.read(chunks[0])
    try DurableFile.remove(chunks[0])
    #expect(try findings() == ["d@1: \(ChunkError.missing(place: chunks[0]))"])
    try bytes.dropLast().withUnsafeBytes { try DurableFile.write($0, to: chunks[0]) }
    #expect(try findings().count == 1)
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: chunks[0]) }
    let page = try fixture.pageFiles()[0]
    let pageBytes = try DurableFile.read(page)
    try DurableFile.remove(page)
    #expect(try findings().count == 1)
    // Bytes behind the end, which no reader comes to.
    for (file, whole) in [(page, pageBytes), (chunks[0], bytes)] {
      try (whole + [0]).withUnsafeBytes { try DurableFile.write($0, to: file) }
      let found = try findings()
      #expect(found.count == 1 && found[0].contains(file), "\(found)")
      try whole.withUnsafeBytes { try DurableFile.write($0, to: file) }
    }
    try DurableFile.remove(fixture.store.path + "/leases")
    #expect(try findings().first?.contains("lease") ?? false)
  }

  /// Flips in the catalog's files: the same version or an error, never another one.
  @Test func aFlippedBitInTheCatalogIsInNoDataOrRefused() throws {
    let expected = try fixture.store.datasetVersions()
    let scratch = try ScratchFolder()
    try FileManager.default.copyItem(
      atPath: fixture.store.path + "/catalog", toPath: scratch("catalog"))
    let original = try DatasetFixture(copyOf: fixture.store.path)
    var random = SeededGenerator(seed: 3)
    let names = try DurableFile.names(in: scratch("catalog")).filter {
      $0.hasSuffix(".sst") || $0.hasPrefix("MANIFEST")
    }
    #expect(!names.isEmpty)
    for _ in 0..<40 {
      let copy = try ScratchFolder()
      try FileManager.default.copyItem(atPath: scratch("catalog"), toPath: copy("catalog"))
      for folder in ["tables", "tmp"] { try DurableFile.createFolder(copy(folder)) }
      try DurableFile.write("engram-store 2\n", to: copy("FORMAT"))
      let file = copy("catalog/" + names.randomElement(using: &random)!)
      let byte = Int.random(in: 0..<DurableFile.size(of: file)!, using: &random)
      try DatasetFixture.flip(file, byte: byte, bit: UInt8.random(in: 0..<8, using: &random))
      do {
        let found = try Store(path: copy.path, mode: .reading).datasetVersions()
        #expect(found == expected, "byte \(byte) of \(file): \(found.map(\.title))")
      } catch {
        #expect(!"\(error)".contains("\n"))
      }
    }
    withExtendedLifetime(original) {}
  }

  @Test(.enabled(if: SmallDisk.isAvailable, "needs the right to mount a small file system (root)"))
  func aFullDiskLeavesTheVersionsThatWereThere() throws {
    let disk = try SmallDisk(size: "24m")
    let store = try Store(path: disk.path + "/store", mode: .writing)
    var random = SeededGenerator(seed: 4)
    func publish(_ count: Int) throws {
      let writer = try DatasetWriter(
        "d", kind: .bytes, storage: DatasetFixture.smallStorage, threads: 2, in: store)
      defer { writer.close() }
      for _ in 0..<count {
        _ = try random.bytes(5000).withUnsafeBytes { try writer.append($0) }
      }
      _ = try writer.publish(message: "", source: DatasetFixture.source)
    }
    try publish(100)
    for rest in [0, 50_000, 300_000, 1_000_000] {
      disk.fill(leaving: rest)
      #expect {
        try publish(600)
      } throws: {
        "\($0)".contains("No space left") || "\($0)".contains("free some space")
      }
      try disk.empty()
      #expect(try store.datasetVersions().map(\.title) == ["d@1"])
      #expect(try store.verify(store.datasetVersions(), threads: 1).findings == [])
      _ = try store.collectGarbage()
    }
    try publish(600)
    #expect(try store.datasetVersions().count == 2)
  }
}
