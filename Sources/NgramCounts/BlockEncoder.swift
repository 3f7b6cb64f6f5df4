import Digests

/// Packs ascending N-grams and their counts into blocks. Where a block ends depends on its entries
/// alone: the same counts give the same blocks.
final class BlockEncoder<Key: NgramKey> {
  /// A finished block; its bytes are valid during the call.
  typealias Emit = (CountBlock.Header, UnsafeRawBufferPointer, _ first: Key) throws -> Void

  private let order: Int
  private let bits: Int
  private let emit: Emit
  private let buffer: UnsafeMutableRawBufferPointer
  private let base: UnsafeMutablePointer<UInt8>
  private var position = 0
  private var entries = 0
  private var first = Key()
  private var previous = Key()
  private var hasher = SHA256Hasher()
  private var distinct: UInt64 = 0
  private var total: UInt64 = 0
  private var singletons: UInt64 = 0
  private var blocks: UInt64 = 0

  init(order: Int, bits: Int, emit: @escaping Emit) {
    self.order = order
    self.bits = bits
    self.emit = emit
    buffer = .allocate(byteCount: CountBlock.payloadLimit + CountBlock.entryLimit, alignment: 16)
    base = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
  }

  deinit { buffer.deallocate() }

  /// Adds an N-gram that is greater than those before it.
  ///
  /// - Throws: `CountError.tooMany`; what `emit` throws.
  func add(_ key: Key, _ count: UInt64) throws {
    let start = position
    write(key, count, shared: entries == 0 ? 0 : sharedTokens(key))
    if position > CountBlock.payloadLimit, entries > 0 {
      position = start
      try flush()
      write(key, count, shared: 0)
    }
    if entries == 0 { first = key }
    previous = key
    entries += 1
    distinct += 1
    if count == 1 { singletons += 1 }
    let (sum, isOver) = total.addingReportingOverflow(count)
    guard !isOver else { throw CountError.tooMany(path: "the result") }
    total = sum
  }

  /// Ends the last block.
  func finish() throws -> OrderTotals {
    try flush()
    return OrderTotals(
      order: order, distinct: distinct, total: total, singletons: singletons, blocks: blocks,
      content: hasher.finalize().description)
  }

  private func flush() throws {
    guard entries > 0 else { return }
    let header = CountBlock.Header(order: order, entries: entries, bytes: position)
    let payload = UnsafeRawBufferPointer(rebasing: buffer[..<position])
    header.encoded.withUnsafeBytes { hasher.update($0) }
    hasher.update(payload)
    try emit(header, payload, first)
    position = 0
    entries = 0
    blocks += 1
  }

  /// Tokens at the start that are those of the N-gram before: fewer than all of them.
  @inline(__always)
  private func sharedTokens(_ key: Key) -> Int {
    var shared = 0
    while shared < order - 1,
      key.token(after: order - 1 - shared, bits: bits)
        == previous.token(after: order - 1 - shared, bits: bits)
    { shared += 1 }
    return shared
  }

  @inline(__always)
  private func write(_ key: Key, _ count: UInt64, shared: Int) {
    let token = UInt64(key.token(after: order - 1 - shared, bits: bits))
    var step = token
    if entries > 0, position > 0 {
      step = token &- UInt64(previous.token(after: order - 1 - shared, bits: bits)) &- 1
    }
    put(step << 3 | UInt64(shared))
    var after = order - 2 - shared
    while after >= 0 {
      put(UInt64(key.token(after: after, bits: bits)))
      after -= 1
    }
    put(count)
  }

  /// Seven bits a byte, the lowest first; the last byte has its highest bit clear.
  @inline(__always)
  private func put(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      base[position] = UInt8(truncatingIfNeeded: rest) | 0x80
      position += 1
      rest >>= 7
    }
    base[position] = UInt8(truncatingIfNeeded: rest)
    position += 1
  }
}
