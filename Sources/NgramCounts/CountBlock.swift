import CKernels
import Digests

/// The unit in which sorted N-grams and their counts are stored and checked, in run files and in
/// published counts alike; `Schemas/ngram-counts.md` has every byte.
enum CountBlock {
  /// The most bytes of entries in a block, so that a block, its checksum and what RocksDB puts
  /// around it fit 16 KiB.
  static let payloadLimit = 16_192
  /// Bytes that an entry takes at the most: three for each of 8 tokens and some, ten for a count.
  static let entryLimit = 8 * 4 + 10
  /// Bytes before the payload: order, zeros, entries, payload bytes.
  static let headerBytes = 12

  /// What a block says before its entries.
  struct Header: Hashable {
    var order: Int
    var entries: Int
    var bytes: Int

    var encoded: [UInt8] {
      [UInt8(order), 0, 0, 0] + UInt32(entries).littleEndianBytes + UInt32(bytes).littleEndianBytes
    }
  }
}

/// What the N-grams of one order add up to.
public struct OrderTotals: Codable, Hashable, Sendable {
  /// Tokens of an N-gram.
  public var order: Int
  /// Different N-grams.
  public var distinct: UInt64
  /// All N-grams.
  public var total: UInt64
  /// N-grams that occur once.
  public var singletons: UInt64
  /// Blocks.
  var blocks: UInt64
  /// SHA-256 over the blocks, each header and payload.
  public var content: String

  /// SHA-256 over the contents of some orders: the name of exactly these counts.
  static func content(of orders: [OrderTotals]) -> String {
    var hasher = SHA256Hasher()
    hasher.update("engram-counts\n")
    for order in orders { hasher.update("\(order.order) \(order.content)\n") }
    return hasher.finalize().description
  }
}

extension FixedWidthInteger {
  /// The bytes of the number, the lowest first.
  var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}

extension UnsafeRawBufferPointer {
  /// A little-endian number; the caller knows that it is there.
  func number<Number: FixedWidthInteger>(_ offset: Int, as: Number.Type) -> Number {
    Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
  }
}
