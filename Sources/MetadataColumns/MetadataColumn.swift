/// A field of a file: where its parts are, all within the file.
struct MetadataColumn: Sendable {
  let name: [UInt8]
  /// Whether it has false and true.
  let booleans: (Bool, Bool)
  let integers: Int
  let doubles: Int
  let strings: Int
  let entries: Int
  let stringBytes: Int
  private let start: Int

  /// The first ordinals of integers, other numbers and strings.
  var firstInteger: Int { (booleans.0 ? 1 : 0) + (booleans.1 ? 1 : 0) }
  var firstDouble: Int { firstInteger + integers }
  var firstString: Int { firstDouble + doubles }
  /// Different values.
  var values: Int { firstString + strings }

  // Where parts are.
  var integersStart: Int { start }
  var doublesStart: Int { start + 8 * integers }
  var endsStart: Int { doublesStart + 8 * doubles }
  var stringsStart: Int { endsStart + 8 * strings }
  var documentsStart: Int { stringsStart + MetadataColumnsFormat.roundedUp(stringBytes) }
  var ordinalsStart: Int { documentsStart + 4 * entries }

  /// Reads a record; `nil` where what it tells of does not lie within `size` bytes.
  init?(record: UnsafeRawBufferPointer, size: Int, name: (Range<Int>) throws -> [UInt8]) rethrows {
    func word(_ offset: Int) -> Int {
      Int(UInt32(littleEndian: record.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
    func long(_ offset: Int) -> Int? {
      let value = UInt64(
        littleEndian: record.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      return value <= UInt64(size) ? Int(value) : nil
    }
    guard let nameStart = long(0), let entries = long(32), let start = long(40),
      let stringBytes = long(48), word(12) < 4, word(8) <= size - nameStart
    else { return nil }
    booleans = (word(12) & 1 != 0, word(12) & 2 != 0)
    integers = word(16)
    doubles = word(20)
    strings = word(24)
    self.entries = entries
    self.start = start
    self.stringBytes = stringBytes
    // No sum overflows: each part is of at most 2^35 bytes, or of no more than the file has.
    let needed =
      8 * (integers + doubles + strings) + MetadataColumnsFormat.roundedUp(stringBytes)
      + 8 * entries
    guard needed <= size - start else { return nil }
    self.name = try name(nameStart..<nameStart + word(8))
  }
}
