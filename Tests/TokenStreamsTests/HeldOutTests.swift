import Testing
import TokenStreams

@Suite struct HeldOutTests {
  @Test(arguments: [0.001, 0.01, 0.5, 0.9])
  func aboutTheShareIsHeldOut(share: Double) {
    let heldOut = HeldOut(share: share, seed: 3)
    let count = 200_000
    let held = (0..<count).filter { heldOut.contains($0) }.count
    let spread = (Double(count) * share * (1 - share)).squareRoot()
    #expect(abs(Double(held) - Double(count) * share) < 5 * spread)
  }

  @Test func endsOfTheRangeAreAllOrNothing() {
    for sample in [0, 1, 2, 1 << 40, Int.max] {
      #expect(!HeldOut(share: 0, seed: 1).contains(sample))
      #expect(!HeldOut(share: -1, seed: 1).contains(sample))
      #expect(!HeldOut(share: .nan, seed: 1).contains(sample))
      #expect(HeldOut(share: 1, seed: 1).contains(sample))
      #expect(HeldOut(share: .infinity, seed: 1).contains(sample))
    }
  }

  @Test func aLargerShareHoldsOutWhatASmallerDoes() {
    let small = HeldOut(share: 0.1, seed: 9)
    let large = HeldOut(share: 0.2, seed: 9)
    #expect((0..<10_000).allSatisfy { !small.contains($0) || large.contains($0) })
  }

  @Test func seedsHoldOutOtherSamples() {
    let one = HeldOut(share: 0.5, seed: 1)
    let other = HeldOut(share: 0.5, seed: 2)
    let equal = (0..<10_000).filter { one.contains($0) == other.contains($0) }.count
    #expect((4_500...5_500).contains(equal))
  }
}
