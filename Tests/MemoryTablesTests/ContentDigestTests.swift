import Digests
import SeededRandom
import Testing

@testable import MemoryTables

@Suite struct ContentDigestTests {
  /// The definition, in the plainest words.
  private func plain(_ pages: [(Int, [UInt8])]) -> SHA256Digest {
    var run: [UInt8] = []
    for (number, bytes) in pages {
      let message = bytes + withUnsafeBytes(of: UInt64(number).littleEndian) { Array($0) }
      run += message.withUnsafeBytes { SHA256Digest(of: $0) }.bytes
    }
    return run.withUnsafeBytes { SHA256Digest(of: $0) }
  }

  @Test func equalsTheDefinitionForAnySizesAndCounts() {
    var generator = SeededGenerator(seed: 5)
    for count in 0..<9 {
      for sizes in [[268], [1], [47, 48, 49, 55, 56, 57, 63, 64, 65], [1000, 1000, 7, 1000]] {
        let pages = (0..<count).map { index in
          (
            index * 3,
            (0..<sizes[index % sizes.count]).map { _ in
              UInt8(truncatingIfNeeded: generator.next())
            }
          )
        }
        var digest = RunDigest(pageBytes: 1000)
        for (number, bytes) in pages {
          bytes.withUnsafeBytes { digest.update(page: number, bytes: $0) }
        }
        #expect(digest.finalize() == plain(pages))
        // A digest starts afresh.
        #expect(digest.finalize() == plain([]))
      }
    }
  }
}
