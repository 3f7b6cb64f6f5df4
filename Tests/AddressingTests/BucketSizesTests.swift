import Testing

@testable import Addressing

@Suite struct BucketSizesTests {
  @Test func primalityAgreesWithASieve() {
    let limit = 20_000
    var composite = [Bool](repeating: false, count: limit)
    composite[0] = true
    composite[1] = true
    for factor in 2..<limit where !composite[factor] {
      for multiple in stride(from: 2 * factor, to: limit, by: factor) { composite[multiple] = true }
    }
    for number in 0..<limit { #expect(isPrime(UInt64(number)) == !composite[number]) }
  }

  @Test func strongPseudoprimesAreNotPrimes() {
    // Composite, yet each passes the strong test to every base up to 7, 17, 23 or 31.
    for number: UInt64 in [
      3_215_031_751, 341_550_071_728_321, 3_825_123_056_546_413_051, 18_446_744_073_709_551_615,
      18_446_744_030_759_878_681,
    ] { #expect(!isPrime(number)) }
    for number: UInt64 in [
      18_446_744_073_709_551_557, 9_223_372_036_854_775_783, 4_294_967_291, 2_147_483_647,
    ] { #expect(isPrime(number)) }
  }

  @Test func noSizeIsHandedOutTwice() {
    var sizes = BucketSizes()
    #expect(sizes.take(4, from: 1) == [2, 3, 5, 7])
    #expect(sizes.take(3, from: 5) == [11, 13, 17])
    #expect(sizes.take(2, from: 17) == [19, 23])
    #expect(sizes.take(1, from: 29) == [29])
    #expect(sizes.take(1, from: 1) == [31])
  }
}
