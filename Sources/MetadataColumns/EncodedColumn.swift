import Storage

/// A field as it is written.
struct EncodedColumn {
  private var booleans: UInt32 = 0
  private var integers: [Int64] = []
  private var doubles: [UInt64] = []
  private var ends: [UInt64] = []
  private var strings: [UInt8] = []
  private let documents: [UInt32]
  private let ordinals: [UInt32]

  init(_ column: ColumnBuilder) {
    let (values, ordinals) = column.sorted()
    documents = column.documents
    self.ordinals = ordinals
    for value in values {
      switch value {
      case .bool(let value): booleans |= value ? 2 : 1
      case .integer(let value): integers.append(Int64(value))
      case .double(let value): doubles.append(value.bitPattern)
      case .string(let bytes):
        strings += bytes
        ends.append(UInt64(strings.count))
      }
    }
  }

  /// Bytes of the data.
  var byteCount: Int {
    8 * (integers.count + doubles.count + ends.count)
      + MetadataColumnsFormat.roundedUp(strings.count) + 8 * documents.count
  }

  func appendRecord(to bytes: inout [UInt8], name: Int, nameBytes: Int, start: Int) {
    bytes.append(integer: UInt64(name))
    bytes.append(integer: UInt32(nameBytes))
    bytes.append(integer: booleans)
    bytes.append(integer: UInt32(integers.count))
    bytes.append(integer: UInt32(doubles.count))
    bytes.append(integer: UInt32(ends.count))
    bytes.append(integer: UInt32(0))
    bytes.append(integer: UInt64(documents.count))
    bytes.append(integer: UInt64(start))
    bytes.append(integer: UInt64(strings.count))
    bytes.append(integer: UInt64(0))
  }

  func write(to file: CheckedFileWriter) throws {
    try write(integers, to: file)
    try write(doubles, to: file)
    try write(ends, to: file)
    try file.append(strings)
    let padding = MetadataColumnsFormat.roundedUp(strings.count) - strings.count
    try file.append([UInt8](repeating: 0, count: padding))
    try write(documents, to: file)
    try write(ordinals, to: file)
  }

  private func write<Number: FixedWidthInteger>(
    _ numbers: [Number], to file: CheckedFileWriter
  ) throws {
    var bytes: [UInt8] = []
    for number in numbers {
      bytes.append(integer: number)
      if bytes.count >= 1 << 16 {
        try file.append(bytes)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    try file.append(bytes)
  }
}

extension [UInt8] {
  /// Appends a number's bytes, the lowest first.
  mutating func append<Number: FixedWidthInteger>(integer: Number) {
    Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
  }
}
