import ChunkStore
import Digests
import Dispatch
import Files
import Foundation
import Samples
import SeededRandom
import Storage
import Synchronization
import TestCheckpoints
import Testing

@testable import Datasets

@Suite struct SampleReaderTests {
  @Test(arguments: [true, false])
  func anySampleFromAnyThreadIsRight(isMapped: Bool) throws {
    let fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 1)
    var samples = random.samples(2000, 0...1500)
    try fixture.publish(samples)
    for _ in 0..<100 { samples[Int.random(in: 0..<2000, using: &random)] = random.bytes(99) }
    try fixture.publish(samples)
    let dataset = try Dataset(DatasetReference(parsing: "d"), in: fixture.store)
    let expected = samples
    let wrong = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 6) { thread in
      var random = SeededGenerator(seed: UInt64(thread))
      let reader = SampleReader(dataset, isMapped: isMapped)
      for _ in 0..<1000 {
        let number = Int.random(in: 0..<dataset.count, using: &random)
        do {
          let sample = try reader.sample(number)
          let size = try reader.size(of: number)
          let digest = try reader.digest(of: number)
          guard sample == expected[number], size == sample.count,
            digest == sample.withUnsafeBytes({ SampleDigest.of($0) })
          else {
            wrong.withLock { $0.append("\(number) differs") }
            continue
          }
        } catch {
          wrong.withLock { $0.append("\(error)") }
        }
      }
    }
    #expect(wrong.withLock { $0 } == [])
  }

  @Test func aNumberThatIsNoneIsRefused() throws {
    let fixture = try DatasetFixture()
    try fixture.publish([[1], [2]])
    let reader = SampleReader(try Dataset(DatasetReference(parsing: "d"), in: fixture.store))
    for number in [-1, 2, 3, Int.min, Int.max] {
      #expect(
        throws: DatasetError.sampleOutOfRange(dataset: "d@1", number: number, samples: 2)
      ) { try reader.sample(number) }
    }
    #expect(try reader.sample(1) == [2])
  }

  /// More chunks than a reader keeps open.
  @Test func manyChunksAreOpenedAndClosed() throws {
    let scratch = try ScratchFolder()
    let backend = LocalChunks(folder: scratch("chunks"), temporary: scratch.path)
    let count = SampleReader.openChunks + 100
    var extents: [Extent] = []
    let builder = ChunkBuilder(codec: .stored, blockBytes: 4096)
    for number in 0..<count {
      builder.reset()
      for part in 0..<2 {
        _ = try Self.sample(2 * number + part).withUnsafeBytes {
          try builder.append($0, digest: SampleDigest.of($0))
        }
      }
      let sealed = builder.seal()
      let path = backend.place(of: sealed.name)
      try DurableFile.createFolder(String(path.dropLast(65)))
      // Without a flush each: this is no test of durability.
      #expect(
        FileManager.default.createFile(
          atPath: path, contents: builder.withFile { Data($0) }))
      extents.append(Extent(chunk: sealed, first: 0, count: 2, rawBytes: sealed.rawBytes))
    }
    let dataset = try Self.dataset([extents], chunks: backend, pages: backend)
    let reader = SampleReader(dataset)
    for number in Array(0..<2 * count) + [0, 2 * count - 1, 1] {
      #expect(try reader.sample(number) == Self.sample(number))
    }
  }

  private static func sample(_ number: Int) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) + [7] }
  }

  /// A dataset of these pages, in any backend.
  static func dataset(
    _ pages: [[Extent]], chunks: any ChunkBackend, pages backend: any ChunkBackend,
    changing change: (inout PageReference) -> Void = { _ in }
  ) throws -> Dataset {
    let references = try pages.map { extents in
      let bytes = ManifestPage.encode(extents)
      return try bytes.withUnsafeBytes {
        let name = SHA256Digest(of: $0)
        _ = try backend.putIfAbsent(name, $0)
        var reference = PageReference(
          name: name.description, extents: extents.count,
          samples: extents.reduce(0) { $0 + $1.count },
          bytes: extents.reduce(0) { $0 + $1.rawBytes })
        change(&reference)
        return reference
      }
    }
    let manifest = DatasetManifest(
      name: "made", version: 1, message: "", kind: .bytes,
      samples: references.reduce(0) { $0 + $1.samples },
      bytes: references.reduce(0) { $0 + $1.bytes }, pages: references,
      source: DatasetFixture.source, identity: "")
    return Dataset(
      DatasetVersion(manifest: manifest, published: ""), chunks: chunks, pages: backend,
      lease: nil)
  }

  /// A manifest that says something else about a sound page.
  @Test func aPageThatIsNotWhatTheManifestSaysIsRefused() throws {
    let scratch = try ScratchFolder()
    let backend = LocalChunks(folder: scratch("chunks"), temporary: scratch.path)
    let builder = ChunkBuilder(codec: .stored, blockBytes: 4096)
    for byte in 0..<3 as Range<UInt8> {
      _ = try [byte].withUnsafeBytes { try builder.append($0, digest: SampleDigest.of($0)) }
    }
    let sealed = builder.seal()
    _ = try builder.withFile { try backend.putIfAbsent(sealed.name, $0) }
    let extent = Extent(chunk: sealed, first: 0, count: 3, rawBytes: 3)
    for change in [
      { $0.samples += 1 }, { $0.samples -= 1 }, { $0.bytes += 1 }, { $0.bytes -= 1 },
    ] as [(inout PageReference) -> Void] {
      let dataset = try Self.dataset(
        [[extent]], chunks: backend, pages: backend, changing: change)
      #expect(throws: DatasetError.self) { try SampleReader(dataset).sample(0) }
    }
  }

  /// Two extents that say different things about one chunk: refused, whichever opens it.
  @Test func extentsThatContradictTheirChunkAreRefused() throws {
    let scratch = try ScratchFolder()
    let backend = LocalChunks(folder: scratch("chunks"), temporary: scratch.path)
    let builder = ChunkBuilder(codec: .stored, blockBytes: 4096)
    for byte in 0..<3 as Range<UInt8> {
      _ = try [byte].withUnsafeBytes { try builder.append($0, digest: SampleDigest.of($0)) }
    }
    let sealed = builder.seal()
    _ = try builder.withFile { try backend.putIfAbsent(sealed.name, $0) }
    var liar = sealed
    liar.samples = 500
    let dataset = try Self.dataset(
      [
        [
          Extent(chunk: sealed, first: 0, count: 3, rawBytes: 3),
          Extent(chunk: liar, first: 400, count: 1, rawBytes: 1),
        ]
      ], chunks: backend, pages: backend)
    let reader = SampleReader(dataset)
    #expect(try reader.sample(2) == [2])
    #expect(throws: DatasetError.self) { try reader.sample(3) }
    #expect(try reader.sample(0) == [0])
    #expect(throws: ChunkError.self) { try SampleReader(dataset).sample(3) }
  }

  @Test func documentsComeInTheirParts() throws {
    let fixture = try DatasetFixture()
    let writer = try DatasetWriter("text", kind: .document, in: fixture.store)
    var good: [UInt8] = []
    DocumentSample.append(metadata: #"{"id":"a"}"#.utf8, text: "text".utf8, to: &good)
    for sample in [good, [9, 0, 0, 0, 1]] {
      _ = try sample.withUnsafeBytes { try writer.append($0) }
    }
    let version = try writer.publish(message: "", source: DatasetFixture.source)
    let reader = SampleReader(try Dataset(version, in: fixture.store))
    let parts = try reader.withDocument(0) { [Array($0), Array($1)] }
    #expect(parts == [Array("text".utf8), Array(#"{"id":"a"}"#.utf8)])
    #expect {
      try reader.withDocument(1) { _, _ in }
    } throws: {
      guard case DatasetError.badSample("text@1", 1, _) = $0 else { return false }
      return true
    }
    try fixture.publish([good])
    #expect(throws: DatasetError.self) {
      try SampleReader(Dataset(DatasetReference(parsing: "d"), in: fixture.store))
        .withDocument(0) { _, _ in }
    }
  }
}
