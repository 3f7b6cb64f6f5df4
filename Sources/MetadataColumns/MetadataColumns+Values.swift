import Storage

extension MetadataColumns {
  /// The values that a document has in a field, in their order.
  func values(of column: MetadataColumn, document: Int) throws -> [MetadataValue] {
    let documents = try file.bytes(
      column.documentsStart..<column.documentsStart + 4 * column.entries)
    var entry = Self.first(in: 0..<column.entries) { documents.word($0) >= document }
    var values: [MetadataValue] = []
    while entry < column.entries, documents.word(entry) == document {
      let place = column.ordinalsStart + 4 * entry
      values.append(try value(try file.bytes(place..<place + 4).word(0), of: column))
      entry += 1
    }
    return values
  }

  /// The value of an ordinal.
  func value(_ ordinal: Int, of column: MetadataColumn) throws -> MetadataValue {
    switch ordinal {
    case ..<column.firstInteger: .bool(column.booleans.1 && (ordinal == 1 || !column.booleans.0))
    case ..<column.firstDouble: .integer(try integer(ordinal - column.firstInteger, of: column))
    case ..<column.firstString: .double(try double(ordinal - column.firstDouble, of: column))
    case ..<column.values: .string(Array(try string(ordinal - column.firstString, of: column)))
    default: throw corrupt(column, "there is no value \(ordinal)")
    }
  }

  func integer(_ index: Int, of column: MetadataColumn) throws -> Int {
    let start = column.integersStart + 8 * index
    return Int(Int64(bitPattern: try file.bytes(start..<start + 8).long(0)))
  }

  func double(_ index: Int, of column: MetadataColumn) throws -> Double {
    let start = column.doublesStart + 8 * index
    return Double(bitPattern: try file.bytes(start..<start + 8).long(0))
  }

  /// The bytes of a string, which are valid while this object lives.
  func string(_ index: Int, of column: MetadataColumn) throws -> UnsafeBufferPointer<UInt8> {
    let first = column.endsStart + 8 * index
    let end = try file.bytes(first..<first + 8).long(0)
    let start = index == 0 ? 0 : try file.bytes(first - 8..<first).long(0)
    guard start <= end, end <= UInt64(column.stringBytes) else {
      throw corrupt(column, "string \(index) is not among its strings")
    }
    return try file.bytes(column.stringsStart + Int(start)..<column.stringsStart + Int(end))
      .bindMemory(to: UInt8.self)
  }

  /// The first number of a range from which on `isPast` is true.
  static func first(
    in range: Range<Int>, where isPast: (Int) throws -> Bool
  ) rethrows -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      if try isPast(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension UnsafeRawBufferPointer {
  /// A number of 4 bytes.
  func word(_ index: Int) -> Int {
    Int(UInt32(littleEndian: loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
  }

  /// A number of 8 bytes.
  func long(_ index: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
  }
}
