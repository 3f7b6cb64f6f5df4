import CKernels
import SeededRandom
import Testing

@testable import Addressing

/// Remainder kernels against `%`, with hashes of the test's choice.
@Suite struct RemainderTests {
  private static let sizes: [UInt64] = [
    1, 2, 3, 4, 7, 255, 256, 65_537, 646_403, 16_000_057, 20_000_171, 1 << 31, (1 << 31) - 1,
    (1 << 31) + 11, (1 << 32) - 1, (1 << 32) - 5, 3_037_000_493,
  ]
  private static let wide: [UInt64] = [
    1 << 32, (1 << 32) + 15, (1 << 34) - 41, (1 << 34) - 1, 1 << 34, (1 << 34) + 25,
    (1 << 40) - 87, (1 << 61) - 1, (1 << 62) - 57,
  ]

  @Test(arguments: NgramHasher.Path.allCases.filter(\.isSupported))
  func remaindersAreExact(path: NgramHasher.Path) {
    var random = SeededGenerator(seed: 4)
    for size in Self.sizes + Self.wide {
      check([size], Self.hashes(around: size, using: &random), path)
    }
    for _ in 0..<300 {
      let bits = UInt64.random(in: 1...62, using: &random)
      let size = UInt64.random(in: 1...(1 << bits), using: &random)
      check([size], Self.hashes(around: size, using: &random), path)
    }
  }

  @Test(arguments: NgramHasher.Path.allCases.filter(\.isSupported), 1...8)
  func everyNumberOfLanesIsExact(path: NgramHasher.Path, lanes: Int) {
    var random = SeededGenerator(seed: 5)
    let sizes = Array(Self.sizes.shuffled(using: &random).prefix(lanes))
    check(sizes, Self.hashes(around: sizes[lanes - 1], using: &random), path)
  }

  /// Random hashes below 2^63, the ends, and numbers next to multiples of `size`.
  private static func hashes(around size: UInt64, using random: inout SeededGenerator) -> [UInt64] {
    let limit = UInt64(Int64.max)
    var hashes: [UInt64] = [0, 1, limit, limit - 1, 1 << 62, (1 << 32) - 1, 1 << 32]
    let largest = limit / size
    for multiple in [1, 2, largest, largest - 1, largest / 2]
      + (0..<60).map({ _ in UInt64.random(in: 0...largest, using: &random) })
    {
      let (product, overflow) = multiple.multipliedReportingOverflow(by: size)
      guard !overflow else { continue }
      hashes += [product &- 1, product, product &+ 1].filter { $0 <= limit }
    }
    return hashes + (0..<100).map { _ in UInt64.random(in: 0...limit, using: &random) }
  }

  private func check(_ sizes: [UInt64], _ hashes: [UInt64], _ path: NgramHasher.Path) {
    for shift: UInt64 in [0, (1 << 50) - 1_000_003 * 8, 1 << 50] {
      var group = engram_hash_group()
      let offsets = sizes.indices.map { UInt64($0) * 1_000_003 + shift }
      engram_hash_group_fill(&group, sizes, offsets, UInt32(sizes.count))
      for start in stride(from: 0, to: hashes.count, by: Int(ENGRAM_HASH_BLOCK)) {
        let part = Array(hashes[start..<min(start + Int(ENGRAM_HASH_BLOCK), hashes.count)])
        let expected = part.flatMap { hash in
          zip(sizes, offsets).map { Int64(hash % $0 + $1) }
        }
        // Eight elements more: nothing may be written beyond the last column.
        let rows = Self.remainders(of: part, by: &group, padding: 8, path)
        #expect(
          firstDifference(Array(rows.prefix(expected.count)), expected) == nil, "sizes \(sizes)")
        #expect(rows.suffix(8) == [Int64](repeating: -7, count: 8)[...])
      }
    }
  }

  private static func remainders(
    of hashes: [UInt64], by group: inout engram_hash_group, padding: Int, _ path: NgramHasher.Path
  ) -> [Int64] {
    var block = engram_hashes()
    withUnsafeMutableBytes(of: &block.whole) { whole in
      hashes.withUnsafeBytes { whole.copyMemory(from: $0) }
    }
    let chosen = engram_hash_path(path.rawValue)
    engram_hashes_split(&block, hashes.count, chosen)
    let stride = Int(group.lanes)
    var rows = [Int64](repeating: -7, count: hashes.count * stride + padding)
    engram_remainders(&group, &block, hashes.count, &rows, stride, chosen)
    return rows
  }
}
