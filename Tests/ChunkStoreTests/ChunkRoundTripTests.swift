import ChunkStore
import Digests
import SeededRandom
import TestCheckpoints
import Testing

@Suite struct ChunkRoundTripTests {
  /// Sizes around what the format treats specially, in samples that do and do not compress.
  private func samples(seed: UInt64, blockBytes: Int) -> [[UInt8]] {
    var random = SeededGenerator(seed: seed)
    let sizes =
      [0, 1, blockBytes, 0, 2, blockBytes - 3, blockBytes + 1, 3 * blockBytes, 0, 17]
      + (0..<20).map { _ in Int.random(in: 0...2 * blockBytes, using: &random) }
    return sizes.shuffled(using: &random).map {
      Bool.random(using: &random) ? random.bytes($0) : random.compressible($0)
    }
  }

  @Test(arguments: ChunkCodec.allCases, [4096, 16384, 65536])
  func whatIsPutInComesOut(codec: ChunkCodec, blockBytes: Int) throws {
    for seed in 0..<3 as Range<UInt64> {
      let made = try MadeChunk(
        samples(seed: seed, blockBytes: blockBytes), codec: codec, blockBytes: blockBytes)
      #expect(try made.read(made.file) == made.samples)
    }
  }

  @Test(arguments: ChunkCodec.allCases)
  func theFileIsWhatTheFormatSays(codec: ChunkCodec) throws {
    let made = try MadeChunk(samples(seed: 7, blockBytes: 4096), codec: codec)
    let plain = PlainChunk(made.file)
    #expect(plain.mismatches == [])
    #expect(plain.samples == made.samples)
    #expect(plain.digests == made.samples.map(plainDigest))
    #expect(made.sealed.name == made.file.withUnsafeBytes { SHA256Digest(of: $0) })
    #expect(made.sealed.samples == made.samples.count)
    #expect(made.sealed.rawBytes == made.samples.reduce(0) { $0 + $1.count })
    #expect(made.sealed.fileBytes == made.file.count)
  }

  @Test(arguments: ChunkCodec.allCases)
  func chunksWithoutBytesAreChunks(codec: ChunkCodec) throws {
    for samples in [[], [[]], [[], [], []]] as [[[UInt8]]] {
      let made = try MadeChunk(samples, codec: codec)
      #expect(try made.read(made.file) == samples)
    }
  }

  @Test(arguments: ChunkCodec.allCases)
  func aSampleOfTwentyMegabytesComesOut(codec: ChunkCodec) throws {
    var random = SeededGenerator(seed: 3)
    let large = random.bytes(1 << 20)
    var sample: [UInt8] = []
    for _ in 0..<20 { sample += large }
    let made = try MadeChunk([[1], sample, [2]], codec: codec, blockBytes: 4 << 20)
    #expect(try made.read(made.file) == made.samples)
  }

  @Test(arguments: ChunkCodec.allCases)
  func mappedAndRangedReadsAgree(codec: ChunkCodec) throws {
    let scratch = try ScratchFolder()
    let chunks = LocalChunks(folder: scratch("chunks"), temporary: scratch.path)
    let made = try MadeChunk(samples(seed: 9, blockBytes: 4096), codec: codec)
    _ = try made.file.withUnsafeBytes { try chunks.putIfAbsent(made.sealed.name, $0) }
    #expect(try readAll(Chunk(made.sealed, in: chunks, isMapped: true)) == made.samples)
    #expect(try readAll(Chunk(made.sealed, in: chunks, isMapped: false)) == made.samples)
  }

  /// One decoder over several chunks, in any order: what it keeps never shows in another's place.
  @Test func aDecoderServesAnyRangeOfAnyChunk() throws {
    var random = SeededGenerator(seed: 5)
    let backend = MemoryChunks()
    var chunks: [(chunk: Chunk, raw: [UInt8])] = []
    for (codec, blockBytes) in [(ChunkCodec.lz4, 4096), (.stored, 8192), (.lz4, 65536)] {
      let made = try MadeChunk(
        samples(seed: random.next(), blockBytes: 4096), codec: codec, blockBytes: blockBytes)
      _ = try made.file.withUnsafeBytes { try backend.putIfAbsent(made.sealed.name, $0) }
      chunks.append((try Chunk(made.sealed, in: backend), made.samples.flatMap { $0 }))
    }
    let decoder = BlockDecoder()
    for _ in 0..<3000 {
      let (chunk, raw) = chunks.randomElement(using: &random)!
      let start = Int.random(in: 0...raw.count, using: &random)
      let end = min(raw.count, start + Int.random(in: 0...9000, using: &random))
      let read = try decoder.withBytes(start..<end, of: chunk) { Array($0) }
      #expect(read == Array(raw[start..<end]))
    }
  }

  @Test func aBuilderThatIsUsedAgainKeepsNothing() throws {
    let builder = ChunkBuilder(codec: .lz4, blockBytes: 4096)
    var random = SeededGenerator(seed: 6)
    for _ in 0..<5 {
      let samples = samples(seed: random.next(), blockBytes: 4096)
      for sample in samples {
        _ = try sample.withUnsafeBytes { try builder.append($0, digest: SampleDigest.of($0)) }
      }
      #expect(builder.seal() == (try MadeChunk(samples, codec: .lz4).sealed))
      builder.reset()
      #expect(builder.samples == 0 && builder.rawBytes == 0)
    }
  }

  /// Blocks of more and more noise: at some share LZ4 saves less than a tenth.
  @Test func aBlockIsStoredWhereLZ4SavesLessThanATenth() throws {
    var random = SeededGenerator(seed: 8)
    var seen: Set<Bool> = []
    for noise in stride(from: 0, through: 4096, by: 64) {
      let sample = random.bytes(noise) + [UInt8](repeating: 0, count: 4096 - noise)
      let stored = PlainChunk(try MadeChunk([sample], codec: .lz4).file).storedBytes[0]
      #expect(stored == 4096 || stored <= 4096 - 409)
      // Noise costs itself and about one byte in 255; zeros next to nothing.
      if noise < 3600 { #expect(stored < 4096, "\(noise) bytes of noise") }
      if noise > 3750 { #expect(stored == 4096, "\(noise) bytes of noise") }
      seen.insert(stored == 4096)
    }
    #expect(seen == [true, false])
  }

  /// A byte of noise more is a byte stored more, up to the last count that is kept.
  @Test func aTenthIsEnough() throws {
    var random = SeededGenerator(seed: 11)
    let noise = random.bytes(4096)
    let kept = try (3500..<3750).map { count in
      let sample = noise[..<count] + [UInt8](repeating: 0, count: 4096 - count)
      return PlainChunk(try MadeChunk([Array(sample)], codec: .lz4).file).storedBytes[0]
    }.filter { $0 < 4096 }
    #expect(kept.max() == 4096 - 409)
  }

  @Test func aSampleThatIsTooLargeIsRefused() throws {
    let builder = ChunkBuilder(codec: .stored)
    let limit = ChunkLayout.sampleLimit
    // An address range that nobody touches: the size is looked at first.
    let sample = UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: 4096), count: limit + 1)
    #expect(throws: ChunkError.sampleTooLarge(bytes: limit + 1, limit: limit)) {
      try builder.append(sample, digest: 0)
    }
    #expect(builder.samples == 0)
  }
}
