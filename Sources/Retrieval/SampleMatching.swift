import Bitsets
import Datasets
import PassageIndex
import Storage

/// Which documents of existing segments are samples of a dataset version, by their digests.
struct SampleMatching {
  /// The sample of a document that is none.
  static let none = UInt32.max

  /// For each segment, its documents' sample numbers.
  private(set) var samples: [[UInt32]] = []
  /// Samples that no segment has, ascending.
  private(set) var missing: [Int] = []

  /// - Parameter digests: of the dataset's samples.
  /// - Complexity: O(samples + documents).
  init(digests: [UInt64], segments: [Segment]) {
    // Samples by digest: the first, and from each the next equal one.
    var first: [UInt64: UInt32] = [:]
    var next = [UInt32](repeating: Self.none, count: digests.count)
    if !segments.isEmpty {
      first.reserveCapacity(digests.count)
      for number in digests.indices.reversed() {
        if let other = first[digests[number]] { next[number] = other }
        first[digests[number]] = UInt32(number)
      }
    }
    var isTaken = Bitset(count: digests.count)
    for segment in segments {
      samples.append(
        (0..<segment.description.documents).map { document in
          let digest = segment.digest(ofDocument: document)
          guard let number = first[digest], number != Self.none else { return Self.none }
          first[digest] = next[Int(number)]
          isTaken.insert(Int(number))
          return number
        })
    }
    missing = digests.indices.filter { !isTaken.contains($0) }
  }

  /// The digests of all samples, read on several threads.
  static func digests(of dataset: Dataset, threads: Int) throws -> [UInt64] {
    let part = 1 << 14
    let parts = (dataset.count + part - 1) / part
    return try Workers.map(parts, threads: threads) { number, _ in
      let reader = SampleReader(dataset)
      return try (number * part..<min(dataset.count, (number + 1) * part)).map {
        try reader.digest(of: $0)
      }
    }.flatMap { $0 }
  }
}
