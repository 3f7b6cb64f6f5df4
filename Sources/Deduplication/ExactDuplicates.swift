/// Tells documents that came before, byte for byte, in bounded memory.
///
///     var seen = try ExactDuplicates(memory: 256 << 20)
///     if let first = seen.insert(ContentKey(of: bytes), number: 12) { ... }  // as document `first`
///
/// Two tables of keys, each of half the memory: when the younger one is full, the older one is
/// forgotten. So the last `capacity` documents at least are known, and no more than twice as many.
public struct ExactDuplicates: Sendable {
  private var young: KeyTable
  private var old: KeyTable?
  private let limit: Int

  /// Keys that were forgotten: documents whose later copies are not recognised.
  public private(set) var forgotten = 0

  /// A set that has seen nothing.
  ///
  /// - Parameter memory: bytes; 24 a place, 32 a document. Little is taken at first.
  /// - Throws: `memoryTooSmall` below 4 KiB.
  public init(memory: Int) throws(DeduplicationError) {
    guard memory >= Self.least else { throw .memoryTooSmall(bytes: memory, needed: Self.least) }
    limit = memory / 2 / KeyTable.placeBytes
    young = KeyTable(places: min(1_024, limit))
  }

  /// The smallest memory, in bytes.
  public static let least = 4_096

  /// How many documents are always remembered.
  public var capacity: Int { KeyTable.load(ofPlaces: limit) }

  /// How many documents are remembered now.
  public var count: Int { young.count + (old?.count ?? 0) }

  /// Bytes of the tables now; never more than the memory given.
  public var memory: Int { (young.places + (old?.places ?? 0)) * KeyTable.placeBytes }

  /// The number of the document with this key, if one is remembered; if not, remembers it.
  ///
  /// - Parameter number: the document's, from 0; a negative number stops.
  /// - Complexity: constant on average.
  public mutating func insert(_ key: ContentKey, number: Int) -> Int? {
    precondition(number >= 0, "document \(number)")
    if let first = self.number(of: key) { return first }
    if young.isFull { makeRoom() }
    young.insert(key, number: number)
    return nil
  }

  /// The number of the document with this key, if one is remembered.
  ///
  /// - Complexity: constant on average.
  public func number(of key: ContentKey) -> Int? { young.number(of: key) ?? old?.number(of: key) }

  private mutating func makeRoom() {
    if young.places < limit {
      young = young.grown(to: min(young.places * 2, limit))
      return
    }
    // Taken, so that clearing it copies nothing.
    var next = old.take() ?? KeyTable(places: limit)
    forgotten += next.count
    next.removeAll()
    old = young
    young = next
  }
}
