/// Tells documents that resemble one that came before, in bounded memory.
///
///     var seen = try NearDuplicates(threshold: 0.8, memory: 1 << 30)
///     let signature = NearDuplicates.signature(of: text)  // on any thread
///     if let first = seen.insert(signature, number: 12) { ... }  // much like document `first`
///
/// Documents with a band of their signatures in common are compared by all of their signatures, and
/// are duplicates where the estimated Jaccard similarity of their word 5-grams reaches the threshold.
/// Two tables, each of half the memory: when the younger one is full, the older one is forgotten.
public struct NearDuplicates: Sendable {
  private let banding: Banding
  private let least: Int
  private let limit: Int
  private var young: SignatureTable
  private var old: SignatureTable?

  /// Documents that were forgotten: what resembles them later is not recognised.
  public private(set) var forgotten = 0

  /// A set that has seen nothing.
  ///
  /// - Parameter threshold: the similarity of duplicates, above 0, up to 1.
  /// - Parameter memory: bytes; about 480 a document at 0.8. Little is taken at first.
  /// - Throws: `thresholdOutOfRange`, or `memoryTooSmall` below 64 KiB.
  public init(threshold: Double = 0.8, memory: Int) throws(DeduplicationError) {
    guard threshold > 0, threshold <= 1 else { throw .thresholdOutOfRange("\(threshold)") }
    guard memory >= Self.least else { throw .memoryTooSmall(bytes: memory, needed: Self.least) }
    banding = Banding(threshold: threshold)
    let share = threshold * Double(MinHashSignature.size)
    least = Double(Int(share)) < share ? Int(share) + 1 : Int(share)
    // Places are numbered in 32 bits, from 1.
    limit = min(memory / 2 / SignatureTable.documentBytes(banding), Int(UInt32.max) - 1)
    young = SignatureTable(capacity: min(64, limit), banding: banding)
  }

  /// The smallest memory, in bytes.
  public static let least = 65_536

  /// How many documents are always remembered.
  public var capacity: Int { limit }

  /// How many documents are remembered now.
  public var count: Int { young.count + (old?.count ?? 0) }

  /// Bytes of the tables now; never more than the memory given.
  public var memory: Int {
    (young.capacity + (old?.capacity ?? 0)) * SignatureTable.documentBytes(banding)
  }

  /// The signature of a text: a pure function, safe from any thread.
  public static func signature(of text: UnsafeRawBufferPointer) -> MinHashSignature {
    MinHashSignature(of: text)
  }

  /// The number of the remembered document that is most like this one, where it is a duplicate; if
  /// there is none, remembers this one. A text without words resembles nothing.
  ///
  /// - Parameter number: the document's; of two that are equally like, the lower is named.
  public mutating func insert(_ signature: MinHashSignature, number: Int) -> Int? {
    guard !signature.isEmpty else { return nil }
    let candidates = [
      young.nearest(to: signature, sharing: least), old?.nearest(to: signature, sharing: least),
    ].compactMap { $0 }
    let best = candidates.max { ($0.shared, -$0.number) < ($1.shared, -$1.number) }
    if let best { return best.number }
    if young.isFull { makeRoom() }
    young.insert(signature, number: number)
    return nil
  }

  private mutating func makeRoom() {
    if young.capacity < limit {
      young = young.grown(to: min(young.capacity * 2, limit))
      return
    }
    // Taken, so that clearing it copies nothing.
    var next = old.take() ?? SignatureTable(capacity: limit, banding: banding)
    forgotten += next.count
    next.removeAll()
    old = young
    young = next
  }
}
