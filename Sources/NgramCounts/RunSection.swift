import Digests

/// Where one order's blocks lie in a run file, and what they add up to; 80 bytes in the trailer.
struct RunSection: Hashable, Sendable {
  var totals: OrderTotals
  /// The first block's byte.
  var offset: Int

  static let encodedBytes = 80

  var encoded: [UInt8] {
    let digest = SHA256Digest(hexadecimal: totals.content)?.bytes ?? []
    return UInt64(totals.order).littleEndianBytes + UInt64(offset).littleEndianBytes
      + totals.blocks.littleEndianBytes + totals.distinct.littleEndianBytes
      + totals.total.littleEndianBytes + totals.singletons.littleEndianBytes + digest
  }

  init(totals: OrderTotals, offset: Int) {
    self.totals = totals
    self.offset = offset
  }

  /// Reads `encodedBytes` bytes; `nil` where the numbers cannot be.
  init?(_ bytes: UnsafeRawBufferPointer, fileBytes: Int) {
    let numbers = (0..<6).map { bytes.number(8 * $0, as: UInt64.self) }
    guard (1...UInt64(CountSubject.orderLimit)).contains(numbers[0]),
      numbers[1] <= UInt64(fileBytes), numbers[2] <= numbers[3], numbers[3] <= numbers[4],
      numbers[5] <= numbers[3], numbers[3] <= UInt64(fileBytes),
      numbers[2] <= UInt64(fileBytes / CountBlock.headerBytes)
    else { return nil }
    offset = Int(numbers[1])
    totals = OrderTotals(
      order: Int(numbers[0]), distinct: numbers[3], total: numbers[4], singletons: numbers[5],
      blocks: numbers[2], content: SHA256Digest(bytes: bytes[48..<80]).description)
  }
}
