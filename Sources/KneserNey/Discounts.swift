/// What is taken off the count of an N-gram that was seen once, twice, or more often, and given to
/// those that were not seen.
///
/// Source: S. F. Chen and J. Goodman, "An empirical study of smoothing techniques for language
/// modeling", TR-10-98, Harvard 1998, section 4.1.6 and equation 26.
struct Discounts: Hashable, Sendable {
  let once: Double
  let twice: Double
  let more: Double

  /// For a level too small or too regular to estimate them of.
  static let fallback = Discounts(once: 0.5, twice: 1, more: 1.5)

  init(once: Double, twice: Double, more: Double) {
    self.once = once
    self.twice = twice
    self.more = more
  }

  /// Estimates from the counts of a level: with n[i] N-grams seen i times and
  /// Y = n[1] / (n[1] + 2 n[2]), what is taken off i is i - (i + 1) Y n[i + 1] / n[i].
  init(counts: some Sequence<UInt32>) {
    var seen = [0, 0, 0, 0, 0]
    for count in counts where count <= 4 { seen[Int(count)] += 1 }
    let n = seen.map(Double.init)
    let y = n[1] / (n[1] + 2 * n[2])
    let estimates = (1...3).map { i in Double(i) - Double(i + 1) * y * n[i + 1] / n[i] }
    // A division by no N-gram is not a number or infinite, and stands in no range.
    let areUsable = zip(1..., estimates).allSatisfy { $1 > 0 && $1 <= Double($0) }
    self =
      areUsable
      ? Discounts(once: estimates[0], twice: estimates[1], more: estimates[2]) : .fallback
  }

  /// What is taken off a count.
  subscript(count: UInt32) -> Double {
    switch count {
    case 0: 0
    case 1: once
    case 2: twice
    default: more
    }
  }
}
