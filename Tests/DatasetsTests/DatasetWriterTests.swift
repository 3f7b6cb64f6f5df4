import ChunkStore
import Datasets
import Samples
import SeededRandom
import Testing

@Suite struct DatasetWriterTests {
  @Test func versionsCountUpAndStayReadable() throws {
    let fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 1)
    var published: [[[UInt8]]] = []
    for number in 1...4 {
      published.append(random.samples(300, 0...2000))
      let version = try fixture.publish(published.last!).version
      #expect(version.manifest.version == number && version.title == "d@\(number)")
      #expect(version.manifest.parent?.version == (number == 1 ? nil : number - 1))
      #expect(version.manifest.samples == 300)
      #expect(version.manifest.bytes == published.last!.reduce(0) { $0 + $1.count })
    }
    for (index, samples) in published.enumerated() {
      #expect(try fixture.read("d@\(index + 1)") == samples)
    }
    #expect(try fixture.read() == published.last)
    #expect(try fixture.store.datasetVersions(named: "d").count == 4)
  }

  @Test func aDatasetOfNothingAndOneOfEmptySamples() throws {
    let fixture = try DatasetFixture()
    try fixture.publish([], as: "nothing")
    #expect(try fixture.read("nothing").isEmpty)
    let empty = [[UInt8]](repeating: [], count: 5000)
    try fixture.publish(empty, as: "empty")
    #expect(try fixture.read("empty") == empty)
    #expect(try fixture.publish(empty, as: "empty").version.manifest.version == 1)
  }

  /// Edits of every kind at random: what comes out is what went in, and what is the same is
  /// stored once.
  @Test(arguments: 0..<6 as Range<UInt64>)
  func anEditedVersionSharesWhatItKeeps(seed: UInt64) throws {
    let fixture = try DatasetFixture()
    var random = SeededGenerator(seed: seed)
    let before = random.samples(2000, 0...600)
    let first = try fixture.publish(before)
    var after = before
    var fresh = 0
    for _ in 0..<10 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        after[Int.random(in: 0..<after.count, using: &random)] = random.bytes(333)
        fresh += 1
      case 1:
        after.insert(random.bytes(200), at: Int.random(in: 0...after.count, using: &random))
        fresh += 1
      case 2:
        let start = Int.random(in: 0..<after.count - 50, using: &random)
        after.removeSubrange(start..<start + Int.random(in: 1...50, using: &random))
      default:
        let start = Int.random(in: 0..<after.count - 100, using: &random)
        after[start..<start + 100].shuffle(using: &random)
      }
    }
    let (version, progress) = try fixture.publish(after)
    #expect(try fixture.read() == after)
    #expect(try fixture.read("d@1") == before)
    #expect(progress.samples == after.count)
    #expect(progress.sharedSamples >= after.count - fresh)
    #expect(progress.newChunks <= 1)
    #expect(version.manifest.parent?.identity == first.version.manifest.identity)
    #expect(
      try fixture.chunks(of: version).subtracting(fixture.chunks(of: first.version)).count <= 1)
  }

  @Test func whatDoesNotDifferIsTheSameVersion() throws {
    let fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 2)
    let samples = random.samples(500, 0...900)
    let first = try fixture.publish(samples).version
    let (again, progress) = try fixture.publish(samples)
    #expect(again == first && progress.sharedSamples == 500 && progress.newChunks == 0)
    #expect(try fixture.publish([], base: .appending).version == first)
    #expect(try fixture.store.datasetVersions().count == 1)
  }

  /// One sample over and over, as license texts stand in a source tree: each is found at its own
  /// place, not at the first ones.
  @Test func samplesThatStandManyTimesAreFoundWhereTheyAre() throws {
    let fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 3)
    let common = random.bytes(100)
    let samples = (0..<3000).map { $0 % 7 == 3 ? random.bytes(80) : common }
    let first = try fixture.publish(samples).version
    #expect(try fixture.publish(samples).version == first)
    var edited = samples
    edited.insert(random.bytes(50), at: 1000)
    let second = try fixture.publish(edited).version
    #expect(try fixture.read() == edited)
    #expect(second.manifest.pages[0].extents <= first.manifest.pages[0].extents + 20)
  }

  @Test func samplesThatMovedFarAreFoundWithinReach() throws {
    let fixture = try DatasetFixture()
    let samples = (0..<40_000).map { number in withUnsafeBytes(of: number) { Array($0) } }
    try fixture.publish(samples)
    let turned = Array(samples[30_000...] + samples[..<30_000])
    let progress = try fixture.publish(turned).progress
    #expect(progress.sharedSamples == 40_000)
    #expect(try fixture.read() == turned)
  }

  /// The digest is no proof: samples are made that share it, and are other bytes.
  @Test func samplesOfOneDigestAreToldApart() throws {
    let fixture = try DatasetFixture()
    // Whatever follows these eight bytes is multiplied by zero.
    let head = withUnsafeBytes(of: UInt64(0xBB67_AE85_84CA_A73B).littleEndian) { Array($0) }
    func samples(_ numbers: Range<UInt64>) -> [[UInt8]] {
      numbers.map { number in head + withUnsafeBytes(of: number) { Array($0) } }
    }
    let (before, after) = (samples(0..<50), samples(50..<100))
    #expect(Set((before + after).map { $0.withUnsafeBytes { SampleDigest.of($0) } }).count == 1)
    try fixture.publish(before)
    #expect(try fixture.publish(after).progress.sharedSamples == 0)
    #expect(try fixture.read("d@1") == before)
    #expect(try fixture.read("d@2") == after)
  }

  @Test func appendedSamplesStandBehindThoseBefore() throws {
    let fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 4)
    var all: [[UInt8]] = []
    for number in 1...4 {
      let samples = random.samples(200, 0...1000)
      all += samples
      let (version, progress) = try fixture.publish(samples, base: .appending)
      #expect(version.manifest.version == number && version.manifest.samples == all.count)
      #expect(progress.samples == 200)
      #expect(try fixture.read() == all)
    }
  }

  /// Chunks that a version uses less than half do not live on for a few samples.
  @Test func sparseChunksAreWrittenAnew() throws {
    let fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 5)
    let samples = (0..<3000).map { _ in random.bytes(200) }
    let first = try fixture.publish(samples).version
    let kept = samples.enumerated().filter { $0.offset % 4 == 0 }.map(\.element)
    let second = try fixture.publish(kept)
    #expect(second.progress.sharedSamples == kept.count)
    let third = try fixture.publish(kept + [[1]])
    #expect(try fixture.read() == kept + [[1]])
    #expect(third.progress.sharedSamples < kept.count / 10)
    #expect(
      try fixture.chunks(of: third.version).intersection(fixture.chunks(of: first)).count <= 1)
  }

  @Test func equalChunksOfTwoDatasetsAreStoredOnce() throws {
    let fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 6)
    let samples = random.samples(800, 0...900)
    try fixture.publish(samples, as: "one")
    let count = try fixture.chunkFiles().count
    let progress = try fixture.publish(samples, as: "other/two").progress
    #expect(progress.newChunks == 0 && progress.sharedSamples == 0)
    #expect(try fixture.chunkFiles().count == count)
    #expect(try fixture.read("other/two") == samples)
  }

  @Test(arguments: ["", "a@1", "a@", "a b", "/a", "a//b", "../a", "ü", "a\n"])
  func aNameThatIsNoneIsRefused(name: String) throws {
    let fixture = try DatasetFixture()
    #expect(throws: DatasetError.badName(name)) { try fixture.writer(name) }
  }

  @Test func anotherKindIsRefused() throws {
    let fixture = try DatasetFixture()
    try fixture.publish([[1]])
    #expect(throws: DatasetError.otherKind(name: "d", present: "bytes", wanted: "document")) {
      try DatasetWriter("d", kind: .document, in: fixture.store)
    }
    let layout = TokenLayout(width: 2, length: 8)
    let writer = try DatasetWriter("t", kind: .tokens, tokens: layout, in: fixture.store)
    _ = try writer.publish(message: "", source: DatasetFixture.source)
    #expect {
      try DatasetWriter(
        "t", kind: .tokens, tokens: TokenLayout(width: 4), base: .appending, in: fixture.store)
    } throws: {
      guard case DatasetError.otherKind("t", _, _) = $0 else { return false }
      return true
    }
  }

  private func publishTokens(
    _ fixture: DatasetFixture, _ layout: TokenLayout, base: DatasetWriter.Base = .replacing,
    tokenizer: Character = "a"
  ) throws -> DatasetManifest {
    let writer = try DatasetWriter(
      "t", kind: .tokens, tokens: layout, base: base, storage: fixture.storage, in: fixture.store)
    _ = try ([1, 0, 2, 0] as [UInt8]).withUnsafeBytes { try writer.append($0) }
    return try writer.publish(
      message: "", source: DatasetFixture.source,
      tokenizer: .init(sha256: String(repeating: tokenizer, count: 64), vocabulary: 9)
    ).manifest
  }

  /// The same bytes that mean something else are another version.
  @Test func anotherLayoutOrTokenizerIsAnotherVersion() throws {
    let fixture = try DatasetFixture()
    let layout = TokenLayout(width: 2, length: 2)
    #expect(try publishTokens(fixture, layout).version == 1)
    #expect(try publishTokens(fixture, layout).version == 1)
    let other = try publishTokens(fixture, layout, tokenizer: "b")
    #expect(other.version == 2 && other.tokenizer?.sha256.first == "b")
    let varied = try publishTokens(fixture, TokenLayout(width: 2), tokenizer: "b")
    #expect(varied.version == 3 && varied.tokens == TokenLayout(width: 2))
  }

  /// Samples of two lengths have none in common.
  @Test func appendedTokensKeepTheirLengthOnlyWhereItIsTheSame() throws {
    let fixture = try DatasetFixture()
    let layout = TokenLayout(width: 2, length: 2)
    _ = try publishTokens(fixture, layout)
    #expect(try publishTokens(fixture, layout, base: .appending).tokens?.length == 2)
    let other = TokenLayout(width: 2, length: 7)
    #expect(try publishTokens(fixture, other, base: .appending).tokens?.length == nil)
  }

  @Test func aWriterThatIsDroppedLeavesTheStoreAsItWas() throws {
    let fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 7)
    let samples = random.samples(300, 0...900)
    try fixture.publish(samples)
    do {
      let writer = try fixture.writer()
      for sample in random.samples(900, 0...900) {
        _ = try sample.withUnsafeBytes { try writer.append($0) }
      }
    }
    #expect(try fixture.read() == samples)
    #expect(try fixture.store.datasetVersions().count == 1)
    _ = try fixture.store.collectGarbage()
    #expect(try fixture.read() == samples)
  }
}
