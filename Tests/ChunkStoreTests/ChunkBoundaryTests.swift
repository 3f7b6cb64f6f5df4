import ChunkStore
import Digests
import SeededRandom
import TestCheckpoints
import Testing

@Suite struct ChunkBoundaryTests {
  private let boundary = ChunkBoundary(minimum: 16 << 10, average: 64 << 10, maximum: 128 << 10)

  /// The chunks that samples are cut into.
  private func cut(_ samples: [[UInt8]]) throws -> [SealedChunk] {
    var chunks: [SealedChunk] = []
    let builder = ChunkBuilder(codec: .stored, blockBytes: 4096, boundary: boundary)
    for sample in samples {
      let isFull = try sample.withUnsafeBytes {
        try builder.append($0, digest: SampleDigest.of($0))
      }
      guard isFull else { continue }
      chunks.append(builder.seal())
      builder.reset()
    }
    if builder.samples > 0 { chunks.append(builder.seal()) }
    return chunks
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func chunksAreTheSameAgainBehindAnEdit(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let samples = (0..<4000).map { _ in
      random.bytes(Int.random(in: 100...2000, using: &random))
    }
    let before = try cut(samples).map(\.name)
    let inserted = (0..<5).map { _ in random.bytes(700) }
    let front = try cut(inserted + samples).map(\.name)
    #expect(Set(before).subtracting(front).count <= 8, "of \(before.count)")
    #expect(before.suffix(before.count / 2) == front.suffix(before.count / 2))
    let middle = try cut(Array(samples[..<2000] + samples[2003...])).map(\.name)
    #expect(Set(before).subtracting(middle).count <= 8, "of \(before.count)")
    #expect(before.first == middle.first && before.last == middle.last)
  }

  @Test(arguments: [20...60, 1000...3000, 20_000...40_000])
  func chunksHaveTheSizeThatIsAskedFor(sizes: ClosedRange<Int>) throws {
    var random = SeededGenerator(seed: 4)
    var samples: [[UInt8]] = []
    var total = 0
    while total < 6 << 20 {
      samples.append(random.bytes(Int.random(in: sizes, using: &random)))
      total += samples.last!.count
    }
    let chunks = try cut(samples)
    let mean = total / chunks.count
    #expect((40 << 10...84 << 10).contains(mean), "\(mean) bytes on average")
    for chunk in chunks.dropLast() {
      #expect(chunk.rawBytes >= boundary.minimum)
      #expect(chunk.rawBytes < boundary.maximum + sizes.upperBound)
    }
  }

  @Test func aChunkEndsBehindAMillionEmptySamples() throws {
    let builder = ChunkBuilder(codec: .stored, boundary: boundary)
    let empty = UnsafeRawBufferPointer(start: nil, count: 0)
    var count = 1
    while try !builder.append(empty, digest: 0) { count += 1 }
    #expect(count == 1 << 20)
  }

  /// The rule in whole numbers, for digests around the threshold.
  @Test func theRuleIsWhatTheFormatSays() throws {
    let builder = ChunkBuilder(codec: .stored, boundary: boundary)
    let sample = [UInt8](repeating: 0, count: 16 << 10)
    // Chance: 16 KiB of (64 - 16) KiB, one third of 2^53, in double precision.
    let threshold = UInt64(1.0 / 3.0 * 0x1p53)
    for (digest, ends) in [
      (threshold << 11, false), ((threshold - 1) << 11 | 2047, true), (.max, false), (0, true),
    ] as [(UInt64, Bool)] {
      builder.reset()
      #expect(try sample.withUnsafeBytes { try builder.append($0, digest: digest) } == ends)
    }
    builder.reset()
    // Below the minimum never, at the maximum always.
    #expect(try !sample[..<100].withUnsafeBytes { try builder.append($0, digest: 0) })
    for _ in 0..<7 { _ = try sample.withUnsafeBytes { try builder.append($0, digest: .max) } }
    #expect(try sample.withUnsafeBytes { try builder.append($0, digest: .max) })
    builder.reset()
    for count in 1...8 {
      let isFull = try sample.withUnsafeBytes { try builder.append($0, digest: .max) }
      #expect(isFull == (builder.rawBytes == boundary.maximum), "\(count) samples")
    }
  }
}
