import ChunkStore
import Digests
import SeededRandom
import TestCheckpoints
import Testing

@testable import Datasets

@Suite struct ManifestPageTests {
  private func extents(_ count: Int, seed: UInt64) -> [Extent] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let samples = Int.random(in: 1...1000, using: &random)
      let first = Int.random(in: 0..<samples, using: &random)
      let chunk = SealedChunk(
        name: SHA256Digest(bytes: random.bytes(32)), samples: samples, rawBytes: 70_000,
        fileBytes: Int.random(in: 1...1 << 33, using: &random),
        checksum: UInt32.random(in: 0...UInt32.max, using: &random))
      return Extent(
        chunk: chunk, first: first, count: Int.random(in: 1...samples - first, using: &random),
        rawBytes: Int.random(in: 0...70_000, using: &random))
    }
  }

  @Test func extentsComeOutAsTheyWentIn() throws {
    for count in [0, 1, 2, 500] {
      let extents = extents(count, seed: 1)
      let bytes = ManifestPage.encode(extents)
      #expect(bytes.count == 16 + 72 * count)
      #expect(try ManifestPage.decode(bytes, place: "p") == extents)
    }
  }

  @Test func theBytesAreWhatTheFormatSays() {
    let chunk = SealedChunk(
      name: SHA256Digest(bytes: 0..<32), samples: 0x0102, rawBytes: 0x0304_0506,
      fileBytes: 0x0708_090A_0B, checksum: 0x0C0D_0E0F)
    let bytes = ManifestPage.encode([Extent(chunk: chunk, first: 1, count: 0x0101, rawBytes: 5)])
    let expected: [UInt8] =
      Array("ENGRPAGE".utf8) + [1, 0, 0, 0, 1, 0, 0, 0] + Array(0..<32)
      + [0x0B, 0x0A, 9, 8, 7, 0, 0, 0, 6, 5, 4, 3, 0, 0, 0, 0, 2, 1, 0, 0, 0x0F, 0x0E, 0x0D, 0x0C]
      + [1, 0, 0, 0, 1, 1, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]
    #expect(bytes == expected)
  }

  /// Extreme words anywhere: refused, or extents that lie within their chunks.
  @Test func hostilePagesAreHarmless() throws {
    let bytes = ManifestPage.encode(extents(4, seed: 2))
    for offset in stride(from: 0, to: bytes.count, by: 4) {
      for extreme in [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] as [UInt32] {
        var hostile = bytes
        for index in 0..<4 {
          hostile[offset + index] = UInt8(truncatingIfNeeded: extreme >> (8 * index))
        }
        do {
          for extent in try ManifestPage.decode(hostile, place: "p") {
            #expect(extent.count > 0 && extent.indices.upperBound <= extent.chunk.samples)
            #expect(extent.rawBytes >= 0 && extent.rawBytes <= extent.chunk.rawBytes)
          }
        } catch {
          #expect(!"\(error)".contains("\n"))
        }
      }
    }
    for count in 0..<bytes.count {
      #expect(throws: DatasetError.self) {
        try ManifestPage.decode(Array(bytes[..<count]), place: "p")
      }
    }
  }

  /// A manifest follows from its samples alone, however they were handed over.
  @Test func extentsThatFollowOneAnotherAreOne() throws {
    let scratch = try ScratchFolder()
    let store = LocalChunks(folder: scratch("pages"), temporary: scratch.path)
    let made = extents(300, seed: 5)
    var (whole, pieces) = (ManifestBuilder(store: store), ManifestBuilder(store: store))
    for extent in made {
      try whole.append(extent)
      // One byte a sample but the last, which has the others.
      for index in 0..<extent.count {
        let isLast = index == extent.count - 1
        try pieces.append(
          Extent(
            chunk: extent.chunk, first: extent.first + index, count: 1,
            rawBytes: isLast ? extent.rawBytes - index : 1))
      }
    }
    #expect(try pieces.finish() == whole.finish())
  }

  /// A version in many pages; one that differs from it a little shares nearly all of them.
  @Test func versionsSharePages() throws {
    let fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 3)
    let old = (0..<10_000).map { _ in random.bytes(20) }
    try fixture.publish(old)
    // Every second sample is new: extents of one sample each.
    var samples = old.flatMap { [$0, random.bytes(20)] }
    let many = try fixture.publish(samples).version.manifest
    #expect(many.pages.count >= 3)
    #expect(many.pages.reduce(0) { $0 + $1.extents } == 20_000)
    for page in many.pages.dropLast() { #expect(ManifestBuilder.pageBounds.contains(page.extents)) }
    #expect(try fixture.read() == samples)
    samples[5] = [1, 2, 3]
    let front = try fixture.publish(samples).version.manifest
    #expect(Set(front.pages).subtracting(many.pages).count <= 2)
    #expect(try fixture.read() == samples)
    // Two extents less at the front: pages end at the same extents again.
    samples.remove(at: 5)
    let less = try fixture.publish(samples).version.manifest
    #expect(Set(less.pages).subtracting(front.pages).count <= 2)
    #expect(less.pages.last == front.pages.last)
    samples.append([4])
    let end = try fixture.publish([[4]], base: .appending).version.manifest
    #expect(end.pages.dropLast() == less.pages.dropLast())
    #expect(try fixture.read() == samples)
  }
}
