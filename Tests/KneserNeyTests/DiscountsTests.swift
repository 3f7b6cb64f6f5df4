import Testing

@testable import KneserNey

@Suite struct DiscountsTests {
  /// n[1...4] = 40, 10, 5, 2: Y = 40 / 60, and what is taken off follows by hand.
  @Test func discountsFollowFromCountsOfCounts() {
    var counts: [UInt32] = []
    for (count, times) in [(1, 40), (2, 10), (3, 5), (4, 2), (9, 3)] {
      counts += [UInt32](repeating: UInt32(count), count: times)
    }
    let discounts = Discounts(counts: counts)
    #expect(abs(discounts[1] - (1 - 2 * 2.0 / 3 * 10 / 40)) < 1e-15)
    #expect(abs(discounts[2] - (2 - 3 * 2.0 / 3 * 5 / 10)) < 1e-15)
    #expect(abs(discounts[3] - (3 - 4 * 2.0 / 3 * 2 / 5)) < 1e-15)
    #expect(discounts[4] == discounts[3] && discounts[.max] == discounts[3])
    #expect(discounts[0] == 0)
  }

  @Test(
    arguments: [[], [1], [1, 1, 2], [1, 1, 1, 1, 2, 3, 3, 3], [5, 6, 7]] as [[UInt32]])
  func countsTooFewToEstimateOfHaveFixedDiscounts(counts: [UInt32]) {
    #expect(Discounts(counts: counts) == .fallback)
  }
}
