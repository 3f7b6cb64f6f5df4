import Digests
import Testing

@testable import SampleOrder

@Suite struct OrderDigestTests {
  private struct Stop: Error {}

  @Test(arguments: [EpochOrder.Kind.sequential, .global, .chunked(window: 4)])
  func topologiesAndResumesAgree(kind: EpochOrder.Kind) throws {
    let starts = Array(stride(from: 0, through: 12_000, by: 60)) + [12_011]
    let order = try EpochOrder(kind, chunkStarts: starts, seed: 5, epoch: 1)
    var bytes: [UInt8] = []
    for position in 0..<order.count {
      withUnsafeBytes(of: UInt64(order[position]).littleEndian) { bytes += $0 }
    }
    let expected = bytes.withUnsafeBytes { SHA256Digest(of: $0) }
    for ranks in [1, 3, 8, 64] {
      for workers in [1, 2, 7] {
        #expect(
          try OrderDigest.digest(of: order, readBy: [.init(ranks: ranks, workers: workers)])
            == expected)
      }
      for resume in [0, 1, 6_005, 12_010, 12_011] {
        #expect(
          try OrderDigest.digest(
            of: order,
            readBy: [.init(ranks: ranks), .init(start: resume, ranks: 5, workers: 3)]) == expected)
      }
    }
  }

  @Test func otherOrdersHaveOtherDigests() throws {
    var digests = Set<SHA256Digest>()
    for kind in [.sequential, .global, .chunked(window: 1), .chunked(window: 2)]
      as [EpochOrder.Kind]
    {
      for (seed, epoch) in [(1, 0), (1, 1), (2, 0)] as [(UInt64, Int)] {
        let order = try EpochOrder(kind, chunkStarts: [0, 40, 70, 100], seed: seed, epoch: epoch)
        digests.insert(try OrderDigest.digest(of: order, readBy: [.init(ranks: 2)]))
      }
    }
    #expect(digests.count == 10)
  }

  @Test func progressIsToldAndMayStop() throws {
    let order = try EpochOrder(.sequential, count: 250_000, seed: 5, epoch: 1)
    var told: [Int] = []
    _ = try OrderDigest.digest(of: order, readBy: [.init(ranks: 3)]) { told.append($0) }
    #expect(told == [100_000, 200_000, 250_000])
    #expect(throws: Stop.self) {
      try OrderDigest.digest(of: order, readBy: [.init(ranks: 3)]) { _ in throw Stop() }
    }
  }

  @Test func gapsAndImpossibleTopologiesAreRefused() throws {
    let order = try EpochOrder(.global, count: 100, seed: 5, epoch: 1)
    for stretches in [
      [.init(start: 1, ranks: 1)], [.init(ranks: 1), .init(start: 101, ranks: 1)], [],
      [.init(ranks: 1), .init(start: 50, ranks: 1), .init(start: 40, ranks: 1)],
      [.init(ranks: 0)], [.init(ranks: -1)], [.init(ranks: 1, workers: 0)],
      [.init(ranks: 1 << 20)], [.init(ranks: .max, workers: .max)],
    ] as [[OrderDigest.Stretch]] {
      #expect(throws: SampleOrderError.self) {
        try OrderDigest.digest(of: order, readBy: stretches)
      }
    }
  }
}
