import ChunkStore
import SeededRandom
import TestCheckpoints
import Testing

@Suite struct SampleDigestTests {
  private func digest(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { SampleDigest.of($0) } }

  /// Vectors of a third implementation, in Python.
  @Test(
    arguments: [
      ("", 0x2b87_04fe_e7c9_0622), ("a", 0x23b4_9a61_187a_4ab1), ("engram", 0x20c9_5ea8_0527_1938),
      ("0123456789abcdef", 0xda40_c33e_3f7d_0cc5), ("0123456789abcdef\0", 0x8084_ad68_31ae_bb41),
      ("The quick brown fox jumps over the lazy dog", 0xf392_301a_fddd_e112),
    ] as [(String, UInt64)])
  func knownVectorsHold(text: String, expected: UInt64) {
    #expect(digest(Array(text.utf8)) == expected)
  }

  @Test func everyLengthFollowsTheText() {
    var random = SeededGenerator(seed: 1)
    for length in 0...100 {
      let bytes = random.bytes(length)
      #expect(digest(bytes) == plainDigest(bytes), "\(length) bytes")
    }
    #expect(digest(Array(0..<100)) == 0x71f0_06d8_525e_035d)
  }

  @Test func anAddressThatIsNotAlignedMakesNoDifference() {
    var random = SeededGenerator(seed: 2)
    let bytes = random.bytes(200)
    bytes.withUnsafeBytes { all in
      for start in 0..<32 {
        let part = UnsafeRawBufferPointer(rebasing: all[start..<start + 77])
        #expect(SampleDigest.of(part) == plainDigest(Array(part)))
      }
    }
  }

  @Test func zerosBehindASampleMakeAnotherOne() {
    let digests = Set((0..<64).map { digest([UInt8](repeating: 0, count: $0)) })
    #expect(digests.count == 64)
  }
}
