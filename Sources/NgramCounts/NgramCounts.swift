import Files
import Foundation
import Storage

/// Published counts of N-grams, open for reading: by N-gram, in order, or the most frequent.
///
///     let counts = try NgramCounts(CountsReference(name: "corpus"), in: store)
///     try counts.count(of: [17, 4])            // tokens as they were counted: compressed ones
///     try counts.top(order: 3, n: 20)
///
/// The version never changes. Any number of threads read at once. Every page is checked on every
/// read.
public final class NgramCounts: Sendable {
  /// What these counts are.
  public let manifest: CountsManifest
  /// The version as the catalog names it.
  public let published: PublishedCounts
  /// The version's folder.
  public let folder: String

  let database: RocksDatabase
  let salt: UInt32
  private let logs: String

  /// Opens a version: the newest of that name where the reference names none.
  ///
  /// - Throws: `CountError`, `StorageError`, `FileError`.
  public convenience init(_ reference: CountsReference, in store: Store) throws {
    try self.init(store.publishedCounts(reference), in: store)
  }

  /// Opens a version that the catalog named.
  public init(_ published: PublishedCounts, in store: Store) throws {
    self.published = published
    folder = store.tableFolder(published.id)
    manifest = try CountsManifest.published(published, in: store)
    salt = manifest.saltChecksum
    logs = try TemporaryFolder.create()
    do {
      database = try RocksDatabase(path: folder + "/db", mode: .immutable(logs: logs))
    } catch {
      try? DurableFile.remove(logs)
      throw error
    }
  }

  deinit { try? DurableFile.remove(logs) }

  /// How often an N-gram occurs; 0 where it does not.
  ///
  /// - Parameter tokens: as they were counted, compressed where the manifest's rule is `mapped`.
  /// - Throws: `CountError.noSuchOrder`, `.tokenOutOfRange`, `.corruptPage`; `StorageError`.
  /// - Complexity: a search in RocksDB, then one page, some microseconds.
  public func count(of tokens: [Int32]) throws -> UInt64 {
    _ = try totals(order: tokens.count)
    for token in tokens where token < 0 || Int(token) >= manifest.subject.tokens.vocabulary {
      throw CountError.tokenOutOfRange(
        counts: manifest.title, token: token, limit: manifest.subject.tokens.vocabulary)
    }
    var result: UInt64 = 0
    let key = CountPage.key(order: tokens.count, tokens: tokens)
    var decoder = BlockDecoder(
      order: tokens.count, vocabulary: manifest.subject.tokens.vocabulary)
    try database.walk(from: key, isScan: false) { pageKey, value in
      // Where the N-gram is less than all others, this is the first page of all.
      guard pageKey.first == key[0], !key.withUnsafeBytes({ isLess($0, than: pageKey) }) else {
        return false
      }
      let payload = try CountPage.payload(key: pageKey, value: value, salt: salt, path: folder)
      try decode(pageKey) { () throws(BlockDecoder.Malformed) in
        while try decoder.next(payload) {
          let order = compare(decoder.tokens, tokens)
          if order == 0 { result = decoder.count }
          if order >= 0 { break }
        }
      }
      return false
    }
    return result
  }

  /// Calls `body` with the N-grams of an order in the order of their tokens.
  ///
  /// - Parameter minimum: N-grams that occur less often are left out.
  /// - Parameter body: takes the tokens, valid during the call, and the count.
  /// - Throws: `CountError.noSuchOrder`, `.corruptPage`; `StorageError`; what `body` throws.
  /// - Complexity: O(distinct), some 10 ns each.
  public func forEach(
    order: Int, minimum: UInt64 = 1,
    _ body: (_ tokens: UnsafeBufferPointer<Int32>, _ count: UInt64) throws -> Void
  ) throws {
    let expected = try totals(order: order)
    var (distinct, total): (UInt64, UInt64) = (0, 0)
    try forEachPage(order: order) { key, payload in
      var decoder = BlockDecoder(order: order, vocabulary: manifest.subject.tokens.vocabulary)
      while try advance(&decoder, payload, key) {
        distinct += 1
        total = total &+ decoder.count
        guard decoder.count >= minimum else { continue }
        try body(UnsafeBufferPointer(start: decoder.tokens, count: order), decoder.count)
      }
    }
    // Each page is what it was; that none is missing, the sums say.
    guard distinct == expected.distinct, total == expected.total else {
      throw CountError.corruptFile(
        path: folder + "/db",
        reason: "it has \(distinct) of \(expected.distinct) \(order)-grams")
    }
  }

  /// What an order adds up to.
  ///
  /// - Throws: `CountError.noSuchOrder`.
  public func totals(order: Int) throws(CountError) -> OrderTotals {
    guard let totals = manifest.totals(order: order) else {
      throw .noSuchOrder(
        counts: manifest.title, order: order, lower: manifest.subject.orders.lower,
        upper: manifest.subject.orders.upper)
    }
    return totals
  }

  /// Calls `body` with the checked pages of an order.
  func forEachPage(
    order: Int,
    _ body: (_ key: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try database.walk(from: [UInt8(order)], isScan: true) { key, value in
      guard let found = key.first, found <= order else { return false }
      // The walk begins with the last page of the order before.
      guard found == order else { return true }
      try body(key, try CountPage.payload(key: key, value: value, salt: salt, path: folder))
      return true
    }
  }

  func advance(
    _ decoder: inout BlockDecoder, _ payload: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer
  ) throws(CountError) -> Bool {
    do { return try decoder.next(payload) } catch { throw malformed(error, key) }
  }

  private func decode(
    _ key: UnsafeRawBufferPointer, _ body: () throws(BlockDecoder.Malformed) -> Void
  ) throws(CountError) {
    do { try body() } catch { throw malformed(error, key) }
  }

  private func malformed(
    _ error: BlockDecoder.Malformed, _ key: UnsafeRawBufferPointer
  )
    -> CountError
  {
    .corruptFile(
      path: folder,
      reason: "the page of N-gram \(CountPage.text(ofKey: key)) has, at byte \(error.offset), "
        + error.reason)
  }

  private func isLess(_ a: UnsafeRawBufferPointer, than b: UnsafeRawBufferPointer) -> Bool {
    a.lexicographicallyPrecedes(b)
  }

  private func compare(_ a: UnsafeMutablePointer<Int32>, _ b: [Int32]) -> Int {
    for index in b.indices where a[index] != b[index] { return a[index] < b[index] ? -1 : 1 }
    return 0
  }
}
