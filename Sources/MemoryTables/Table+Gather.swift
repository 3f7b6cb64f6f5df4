import CKernels
import Files
import Foundation

extension Table {
  /// Copies the rows of a batch, one after another, into `buffer`.
  ///
  /// - Parameter rows: row ids, shape [tokens * columns]; duplicates are allowed.
  /// - Parameter buffer: at least `rows.count * rowBytes` bytes.
  /// - Throws: `TableError.rowOutOfRange` and `.bufferTooSmall` before anything is written,
  ///   `TableError.corruptRow` if a row does not match its checksum; the buffer then holds
  ///   nothing that may be used.
  /// - Complexity: one memory access a row once the table is warm. Where pages are not in
  ///   memory yet, all of the batch's are asked for at once.
  public func gather(
    _ rows: UnsafeBufferPointer<Int64>, into buffer: UnsafeMutableRawBufferPointer
  ) throws(TableError) {
    try check(rows, needs: rows.count * manifest.rowBytes, given: buffer.count)
    guard let out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    guard let pages else {
      try copyThroughDatabase(rows, into: out)
      return
    }
    let rowBytes = manifest.rowBytes
    try inStages(rows, of: pages) { part, start throws(TableError) in
      try copy(part, of: pages, into: out + start * rowBytes)
    }
  }

  /// The rows of a batch as bytes, `rows.count * rowBytes` of them.
  public func gather(_ rows: [Int64]) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: rows.count * manifest.rowBytes) { buffer, count in
      try rows.withUnsafeBufferPointer {
        try gather($0, into: UnsafeMutableRawBufferPointer(buffer))
      }
      count = rows.count * manifest.rowBytes
    }
  }

  /// Copies and decodes the rows of a batch to float32, shape [rows, dimension].
  ///
  /// - Parameter buffer: at least `rows.count * dimension` numbers.
  /// - Throws: as `gather(_:into:)`.
  public func gather(
    _ rows: UnsafeBufferPointer<Int64>, decodedInto buffer: UnsafeMutableBufferPointer<Float>
  ) throws(TableError) {
    try decode(rows, capacity: buffer.count, elementBytes: 4) { bytes, count, start in
      engram_decode_f32(
        manifest.codec.kernel, bytes, count, manifest.dimension, manifest.scale,
        buffer.baseAddress! + start * manifest.dimension)
    }
  }

  /// Copies and decodes the rows of a batch to bfloat16 (bit patterns), shape
  /// [rows, dimension], rounded to nearest, ties to even.
  ///
  /// - Parameter buffer: at least `rows.count * dimension` numbers.
  /// - Throws: as `gather(_:into:)`.
  public func gather(
    _ rows: UnsafeBufferPointer<Int64>, bfloat16Into buffer: UnsafeMutableBufferPointer<UInt16>
  ) throws(TableError) {
    try decode(rows, capacity: buffer.count, elementBytes: 2) { bytes, count, start in
      engram_decode_bf16(
        manifest.codec.kernel, bytes, count, manifest.dimension, manifest.scale,
        buffer.baseAddress! + start * manifest.dimension)
    }
  }

  /// The rows of a batch as numbers, shape [rows, dimension].
  public func gatherFloats(_ rows: [Int64]) throws -> [Float] {
    let total = rows.count * manifest.dimension
    return try [Float](unsafeUninitializedCapacity: total) { buffer, count in
      try rows.withUnsafeBufferPointer { try gather($0, decodedInto: buffer) }
      count = total
    }
  }

  // MARK: - Parts

  private func check(
    _ rows: UnsafeBufferPointer<Int64>, needs bytes: Int, given: Int
  ) throws(TableError) {
    let bad = engram_find_row_out_of_range(rows.baseAddress, rows.count, UInt64(manifest.rows))
    guard bad == rows.count else {
      throw .rowOutOfRange(
        table: manifest.name, row: rows[bad], index: bad, rows: manifest.rows)
    }
    guard given >= bytes else { throw .bufferTooSmall(needed: bytes, given: given) }
  }

  /// Rows are decoded in groups that stay in the first-level cache.
  private static let decodeGroup = 48

  private func decode(
    _ rows: UnsafeBufferPointer<Int64>, capacity: Int, elementBytes: Int,
    _ body: (UnsafePointer<UInt8>, Int, Int) -> Void
  ) throws(TableError) {
    let element = rows.count * manifest.dimension * elementBytes
    try check(rows, needs: element, given: capacity * elementBytes)
    let group = max(3, min(Self.decodeGroup, 24_576 / manifest.rowBytes))
    let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: group * manifest.rowBytes)
    defer { scratch.deallocate() }
    func decodeGroups(
      _ part: UnsafeBufferPointer<Int64>, _ start: Int,
      _ copy: (UnsafeBufferPointer<Int64>) throws(TableError) -> Void
    ) throws(TableError) {
      var at = 0
      while at < part.count {
        let count = min(group, part.count - at)
        try copy(UnsafeBufferPointer(rebasing: part[at..<(at + count)]))
        body(scratch, count, start + at)
        at += count
      }
    }
    guard let pages else {
      try decodeGroups(rows, 0) { ids throws(TableError) in
        try copyThroughDatabase(ids, into: scratch)
      }
      return
    }
    try inStages(rows, of: pages) { part, start throws(TableError) in
      try decodeGroups(part, start) { ids throws(TableError) in
        try copy(ids, of: pages, into: scratch)
      }
    }
  }

  /// Calls `body` for one part of the batch after another: a few rows first, then more and more.
  /// As soon as a part had to wait for the disk, all that is left is asked for, a piece ahead of
  /// the copy, so that reads go on while rows are copied. A warm table pays one system call a part
  /// for the question.
  private func inStages(
    _ rows: UnsafeBufferPointer<Int64>, of pages: MappedPages,
    _ body: (UnsafeBufferPointer<Int64>, Int) throws(TableError) -> Void
  ) throws(TableError) {
    var start = 0
    var size = 4
    let faults = engram_major_faults()
    while start < rows.count {
      let end = min(rows.count, start + size)
      try body(UnsafeBufferPointer(rebasing: rows[start..<end]), start)
      start = end
      size = min(size * 4, 4096)
      guard start < rows.count else { return }
      if engram_major_faults() != faults { break }
    }
    let piece = 2048
    var asked = min(rows.count, start + piece)
    if start < asked { prefetch(UnsafeBufferPointer(rebasing: rows[start..<asked])) }
    while start < rows.count {
      let next = min(rows.count, asked + piece)
      if asked < next { prefetch(UnsafeBufferPointer(rebasing: rows[asked..<next])) }
      try body(UnsafeBufferPointer(rebasing: rows[start..<asked]), start)
      (start, asked) = (asked, next)
    }
  }

  private func copy(
    _ rows: UnsafeBufferPointer<Int64>, of pages: MappedPages, into out: UnsafeMutablePointer<UInt8>
  ) throws(TableError) {
    #if PLANTED_FAULTS
    if PlantedFault.isPlanted(.noChecksum) {
      return withUnsafePointer(to: pages.view) {
        engram_gather_unchecked($0, rows.baseAddress, rows.count, out)
      }
    }
    #endif
    let bad = withUnsafePointer(to: pages.view) { view in
      switch verification {
      case .always:
        return engram_gather_checked(view, rows.baseAddress, rows.count, out)
      case .never:
        engram_gather_unchecked(view, rows.baseAddress, rows.count, out)
        return rows.count
      }
    }
    guard bad == rows.count else { throw corruptRow(rows[bad], in: pages) }
  }

  func corruptRow(_ row: Int64, in pages: MappedPages) -> TableError {
    guard let place = pages.location(of: row),
      let slot = withUnsafePointer(to: pages.view, { engram_find_slot($0, row) })
    else {
      return .corruptFile(path: folder, reason: "row \(row) has no place")
    }
    return corruptRow(row, slot: slot, file: place.file, offset: place.offset)
  }

  private func corruptRow(
    _ row: Int64, slot: UnsafePointer<UInt8>, file: String, offset: Int
  ) -> TableError {
    let salt = MappedPages.saltChecksum(manifest.saltNumber)
    let stored = UnsafeRawPointer(slot).loadUnaligned(
      fromByteOffset: manifest.rowBytes, as: UInt32.self)
    return .corruptRow(
      table: manifest.name, version: manifest.version, row: row, file: folder + "/db/" + file,
      offset: offset, expected: UInt32(littleEndian: stored),
      found: engram_row_checksum(salt, UInt64(row), slot, UInt32(manifest.rowBytes)))
  }

  /// The general path: one RocksDB read a row.
  private func copyThroughDatabase(
    _ rows: UnsafeBufferPointer<Int64>, into out: UnsafeMutablePointer<UInt8>
  ) throws(TableError) {
    guard let database else { return }
    let salt = MappedPages.saltChecksum(manifest.saltNumber)
    let rowBytes = manifest.rowBytes
    for (index, row) in rows.enumerated() {
      let page = Int(row) / manifest.rowsPerPage
      let offset = Int(row) % manifest.rowsPerPage * manifest.slotStride
      let target = out + index * rowBytes
      do {
        let failure = try database.withValue(
          of: PageLayout.key(page: page), verifyingChecksums: false
        ) { bytes -> TableError? in
          guard let bytes else {
            target.initialize(repeating: 0, count: rowBytes)
            return nil
          }
          guard bytes.count >= offset + manifest.slotStride, let base = bytes.baseAddress else {
            return .corruptFile(path: folder + "/db", reason: "page \(page) is too short")
          }
          let slot = (base + offset).assumingMemoryBound(to: UInt8.self)
          if case .always = verification,
            engram_check_slots(salt, UInt64(row), 1, slot, UInt32(rowBytes)) != 1
          {
            return corruptRow(row, slot: slot, file: "page \(page)", offset: offset)
          }
          target.update(from: slot, count: rowBytes)
          return nil
        }
        if let failure { throw failure }
      } catch let error as TableError {
        throw error
      } catch {
        throw .corruptFile(path: folder + "/db", reason: "\(error)")
      }
    }
  }
}
