import CKernels
import Files
import Foundation

/// Counts of N-grams of one order in memory: a hash table of fixed size (`CKernels/ngram_count.c`).
/// One thread at a time.
final class NgramTable {
  let order: Int
  private var table: engram_ngram_table
  private let bytes: Int

  /// Bytes of a slot.
  static func slotBytes(words: Int) -> Int { 8 * (words + 1) }

  /// An empty table.
  ///
  /// - Parameter slots: at least 2; three of four are used at the most.
  init(order: Int, bits: Int, slots: Int) throws(FileError) {
    let words = (order * bits + 63) / 64
    let slots = max(2, slots)
    bytes = slots * Self.slotBytes(words: words)
    // Pages appear when they are first touched, and go back to the system at once in the end.
    guard
      let address = mmap(
        nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      address != MAP_FAILED
    else { throw FileError("take \(bytes) bytes of", "memory") }
    // Random access: fewer entries of the address cache.
    madvise(address, bytes, MADV_HUGEPAGE)
    self.order = order
    table = engram_ngram_table(
      slots: address.assumingMemoryBound(to: UInt64.self), capacity: UInt64(slots), used: 0,
      limit: UInt64(max(1, slots / 4 * 3)), seed: UInt64.random(in: .min ... .max),
      order: UInt32(order), bits: UInt32(bits), words: UInt32(words))
  }

  deinit { munmap(table.slots, bytes) }

  var isEmpty: Bool { table.used == 0 }

  /// Counts the N-grams from `start` on, each token below 2^bits.
  ///
  /// - Returns: where the first one begins for which there is no room; `tokens.count` where all
  ///   were counted.
  func count(_ tokens: UnsafeBufferPointer<UInt32>, from start: Int) -> Int {
    guard tokens.count >= order else { return tokens.count }
    return engram_ngram_count(&table, tokens.baseAddress, tokens.count, start)
  }

  /// Calls `body` with all N-grams in order, and empties the table.
  func drain<Key: NgramKey>(_: Key.Type, _ body: (Key, UInt64) throws -> Void) rethrows {
    engram_ngram_sort(&table)
    let stride = Key.words + 1
    for index in 0..<Int(table.used) {
      let slot = table.slots + index * stride
      try body(Key(words: slot), slot[Key.words])
    }
    engram_ngram_clear(&table)
  }
}
