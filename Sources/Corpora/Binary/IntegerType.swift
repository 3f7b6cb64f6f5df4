/// The integers that token ids are stored as, little-endian, in files of others.
enum IntegerType: String, CaseIterable, Sendable {
  case uint8, int8, uint16, int16, uint32, int32, uint64, int64

  /// Bytes of an integer.
  var size: Int {
    switch self {
    case .uint8, .int8: 1
    case .uint16, .int16: 2
    case .uint32, .int32: 4
    case .uint64, .int64: 8
    }
  }

  /// Bytes of an id in the samples that such integers become.
  var idWidth: Int { self == .uint16 ? 2 : 4 }

  /// Whether ids of `width` bytes have the very bytes of these integers.
  func isStored(as width: Int) -> Bool {
    self == .uint16 && width == 2 || self == .uint32 && width == 4
  }

  /// Appends ids.
  ///
  /// - Parameter integers: whole integers of this type, at any address.
  /// - Parameter width: bytes of an id, 2 or 4.
  /// - Returns: the first integer that is no id (negative, or more than `width` bytes hold), and
  ///   its index; nothing is appended then.
  /// - Complexity: one pass where all are ids.
  func append(
    _ integers: UnsafeRawBufferPointer, width: Int, to bytes: inout [UInt8]
  ) -> (index: Int, value: String)? {
    if isStored(as: width) {
      bytes.append(contentsOf: integers)
      return nil
    }
    return switch self {
    case .uint8: append(UInt8.self, integers, width, &bytes)
    case .int8: append(Int8.self, integers, width, &bytes)
    case .uint16: append(UInt16.self, integers, width, &bytes)
    case .int16: append(Int16.self, integers, width, &bytes)
    case .uint32: append(UInt32.self, integers, width, &bytes)
    case .int32: append(Int32.self, integers, width, &bytes)
    case .uint64: append(UInt64.self, integers, width, &bytes)
    case .int64: append(Int64.self, integers, width, &bytes)
    }
  }

  @inline(__always)
  private func append<Integer: FixedWidthInteger>(
    _: Integer.Type, _ integers: UnsafeRawBufferPointer, _ width: Int, _ bytes: inout [UInt8]
  ) -> (index: Int, value: String)? {
    let start = bytes.count
    let count = integers.count / size
    let isWhole =
      width == 2
      ? convert(integers, Integer.self, UInt16.self, count, &bytes)
      : convert(integers, Integer.self, UInt32.self, count, &bytes)
    if isWhole { return nil }
    bytes.removeSubrange(start...)
    let limit = UInt64(1) << UInt64(8 * width)
    for index in 0..<count {
      let value = Integer(
        littleEndian: integers.loadUnaligned(fromByteOffset: index * size, as: Integer.self))
      if value < 0 || UInt64(value) >= limit { return (index, "\(value)") }
    }
    return nil
  }

  /// - Returns: whether every integer has the same value as the id it became.
  @inline(__always)
  private func convert<Integer: FixedWidthInteger, ID: FixedWidthInteger & UnsignedInteger>(
    _ integers: UnsafeRawBufferPointer, _: Integer.Type, _: ID.Type, _ count: Int,
    _ bytes: inout [UInt8]
  ) -> Bool {
    let step = MemoryLayout<ID>.size
    var isWhole = true
    bytes.append(upTo: count * step) { ids in
      let base = ids.baseAddress!
      let source = integers.baseAddress!
      var difference = Integer.Magnitude.zero
      for index in 0..<count {
        let value = Integer(
          littleEndian: source.loadUnaligned(
            fromByteOffset: index &* MemoryLayout<Integer>.size, as: Integer.self))
        let id = ID(truncatingIfNeeded: value)
        // An id that is narrower than its integer, or a negative integer, does not come back.
        difference |=
          Integer.Magnitude(truncatingIfNeeded: id)
          ^ Integer.Magnitude(
            truncatingIfNeeded: value)
        difference |= value < 0 ? 1 : 0
        base.storeBytes(of: id.littleEndian, toByteOffset: index &* step, as: ID.self)
      }
      isWhole = difference == 0
      return count * step
    }
    return isWhole
  }
}
