import MemoryTables

/// How a gathered row is written.
public enum RowFormat: String, Sendable, CaseIterable {
  /// The stored bytes.
  case raw
  /// bfloat16.
  case bfloat16 = "bf16"
  /// float32.
  case float32 = "f32"

  /// Bytes of a number; 1 for raw rows.
  public var elementBytes: Int {
    switch self {
    case .raw: 1
    case .bfloat16: 2
    case .float32: 4
    }
  }
}

extension OpenTable {
  /// Bytes of a row in a format.
  public func rowBytes(_ format: RowFormat) -> Int {
    format == .raw ? manifest.rowBytes : manifest.dimension * format.elementBytes
  }

  /// Copies rows, one after another, each checked against its checksum.
  ///
  /// - Parameters:
  ///   - rows: row ids; duplicates are allowed.
  ///   - missingAsZero: a row id of -1 is a row of zeros, not an error.
  ///   - out: at least `rows.count` rows of `format`, aligned to its numbers.
  /// - Throws: `TableError`, `RequestError`: for a row id outside the table and a buffer that is too
  ///   small before anything is written.
  /// - Complexity: see `Table.gather(_:into:)`.
  public func gather(
    _ rows: UnsafeBufferPointer<Int64>, as format: RowFormat, missingAsZero: Bool = false,
    into out: UnsafeMutableRawBufferPointer
  ) throws {
    let rowBytes = rowBytes(format)
    let (needed, overflow) = rows.count.multipliedReportingOverflow(by: rowBytes)
    guard !overflow, out.count >= needed else {
      throw RequestError.bufferTooSmall(needed: overflow ? .max : needed, given: out.count)
    }
    guard needed > 0, let base = out.baseAddress else { return }
    guard Int(bitPattern: base) % format.elementBytes == 0 else {
      throw RequestError.badValue(
        name: "the buffer's address", found: "not aligned",
        expected: "one that is a multiple of \(format.elementBytes)")
    }
    let target = UnsafeMutableRawBufferPointer(start: base, count: needed)
    guard missingAsZero, rows.contains(ExactKeys.noRow) else {
      return try copy(rows, as: format, into: target)
    }
    let present = rows.filter { $0 != ExactKeys.noRow }
    try present.withUnsafeBufferPointer {
      try copy(
        $0, as: format,
        into: UnsafeMutableRawBufferPointer(rebasing: target[..<(present.count * rowBytes)]))
    }
    // From the end on: a row moves up past those that were moved already.
    var next = present.count
    for index in stride(from: rows.count - 1, through: 0, by: -1) {
      let place = base + index * rowBytes
      if rows[index] == ExactKeys.noRow {
        place.initializeMemory(as: UInt8.self, repeating: 0, count: rowBytes)
      } else {
        next -= 1
        if next < index { place.copyMemory(from: base + next * rowBytes, byteCount: rowBytes) }
      }
    }
  }

  private func copy(
    _ rows: UnsafeBufferPointer<Int64>, as format: RowFormat,
    into out: UnsafeMutableRawBufferPointer
  ) throws {
    switch format {
    case .raw: try table.gather(rows, into: out)
    case .bfloat16: try table.gather(rows, bfloat16Into: out.assumingMemoryBound(to: UInt16.self))
    case .float32: try table.gather(rows, decodedInto: out.assumingMemoryBound(to: Float.self))
    }
  }
}
