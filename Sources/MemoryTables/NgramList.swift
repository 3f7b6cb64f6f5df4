/// N-grams of token ids, one after another in one array: ten million cost little more than their
/// tokens.
public struct NgramList: Sendable, Hashable {
  /// All tokens, N-gram after N-gram.
  private(set) var tokens: [Int32] = []
  /// Where each N-gram ends.
  private var ends: [Int] = []

  /// An empty list.
  public init() {}

  /// A list of these.
  public init(_ ngrams: some Sequence<some Collection<Int32>>) {
    for ngram in ngrams { append(ngram) }
  }

  /// How many there are.
  public var count: Int { ends.count }

  /// Whether there are none.
  public var isEmpty: Bool { ends.isEmpty }

  /// The tokens of an N-gram, oldest first.
  public subscript(index: Int) -> ArraySlice<Int32> {
    tokens[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  /// Adds one at the end.
  public mutating func append(_ ngram: some Collection<Int32>) {
    tokens.append(contentsOf: ngram)
    ends.append(tokens.count)
  }

  /// The order that keys are in: which N-gram comes first, second...; by tokens, one that others
  /// begin with before them.
  ///
  /// - Complexity: O(n log n) comparisons.
  public func keyOrder() -> [Int] {
    (0..<count).sorted { self[$0].lexicographicallyPrecedes(self[$1]) }
  }

  /// The N-grams at these places, in this order.
  public func selecting(_ places: [Int]) -> NgramList {
    NgramList(places.lazy.map { self[$0] })
  }
}
