/// One ranking out of several, by places alone (Cormack, Clarke and Büttcher, SIGIR 2009): what
/// stands at place r of a list, counted from 1, gets weight / (k + r) from it.
///
///     let fused = ReciprocalRankFusion.standard.fuse(lexical: byTerms, dense: byVectors)
///
/// Sums are of whole numbers, so that the order of lists and of summing never matters.
public struct ReciprocalRankFusion: Hashable, Sendable {
  /// How little the first places stand out.
  public var k: Int
  /// Weight of the ranking by terms.
  public var lexicalWeight: Int
  /// Weight of the ranking by vectors.
  public var denseWeight: Int
  /// Places of a list that count.
  public var depth: Int

  /// A sum of one weight / (0 + 1) is this.
  private static let one = 1 << 32

  /// - Parameter k: 0 or more, below 2^20.
  /// - Parameter lexicalWeight: 0 or more, below 2^20; only their ratio matters.
  public init(k: Int, lexicalWeight: Int, denseWeight: Int, depth: Int) {
    precondition((0..<1 << 20).contains(k))
    precondition((0..<1 << 20).contains(lexicalWeight) && (0..<1 << 20).contains(denseWeight))
    self.k = k
    self.lexicalWeight = lexicalWeight
    self.denseWeight = denseWeight
    self.depth = depth
  }

  /// Ranking by terms leads: static embeddings alone find far less than terms do. They decide
  /// among passages that terms put close together, and fill up where terms find too few.
  public static let standard = ReciprocalRankFusion(
    k: 10, lexicalWeight: 10, denseWeight: 1, depth: 100)

  /// What is in either list, the highest sum first; equal sums by `<`.
  ///
  /// - Parameter lexical: ids by terms, the best first; of one that is there twice, the first
  ///   place counts.
  /// - Parameter dense: ids by vectors.
  public func fuse<ID: Hashable & Comparable>(
    lexical: [ID], dense: [ID]
  ) -> [(id: ID, score: Int)] {
    var sums: [ID: Int] = [:]
    sums.reserveCapacity(min(depth, lexical.count) + min(depth, dense.count))
    for (list, weight) in [(lexical, lexicalWeight), (dense, denseWeight)] where weight > 0 {
      var seen: Set<ID> = []
      for (place, id) in list.prefix(max(0, depth)).enumerated() where seen.insert(id).inserted {
        sums[id, default: 0] += weight * Self.one / (k + place + 1)
      }
    }
    return sums.map { (id: $0.key, score: $0.value) }
      .sorted { $0.score != $1.score ? $0.score > $1.score : $0.id < $1.id }
  }
}
