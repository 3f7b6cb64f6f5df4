import CKernels
import Foundation

extension ContextPrefix {
  /// Rows of a group in the prefix: row r stands for tokens r * tokensPerRow on.
  ///
  /// - Throws: `ContextError.noSuchGroup`.
  public func rowCount(of group: String) throws(ContextError) -> Int {
    blockCount * space.frameGroup(try space.groupIndex(group)).rows
  }

  /// Copies rows of one layer by number, every row checked: the tokens that sparse attention chose.
  ///
  /// - Parameter rows: row numbers, shape [count], in any order; duplicates are allowed.
  /// - Parameter buffer: at least `rows.count` * row bytes.
  /// - Throws: `ContextError.rowOutOfRange`, `.bufferTooSmall` before anything is written;
  ///   `.missing` where a row is not there (any more), and the buffer holds nothing that may be used.
  /// - Complexity: one memory access a row once it is in memory; where rows are not, all that are left
  ///   are asked for at once.
  public func gather(
    _ group: String, layer: Int, rows: UnsafeBufferPointer<Int64>,
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(ContextError) {
    let index = try checkLayers(group, layer..<(layer + 1))
    try check(rows, group: group, index: index)
    let rowBytes = space.frameGroup(index).rowBytes
    guard buffer.count >= rows.count * rowBytes else {
      throw .bufferTooSmall(needed: rows.count * rowBytes, given: buffer.count)
    }
    guard !rows.isEmpty, let out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      return
    }
    try withView(group: index, layer: layer) { view in
      Result<Void, ContextError> { () throws(ContextError) in
        // A few rows first: where one of them had to wait for the disk, most others will have to.
        let faults = engram_major_faults()
        var copied = 0
        for probe in [1, 64] where copied < rows.count && engram_major_faults() == faults {
          let part = copied..<min(rows.count, probe)
          try copy(view, rows, part, group: (group, index), layer: layer, into: out)
          copied = part.upperBound
        }
        let isCold = engram_major_faults() != faults
        try copy(
          view, rows, copied..<rows.count, group: (group, index), layer: layer, into: out,
          by: isCold ? engram_block_gather_cold : engram_block_gather)
      }
    }.get()
    space.store.state.withLock { state in
      state.counters.gatheredRows += rows.count
      state.counters.readBytes += rows.count * rowBytes
    }
  }

  /// Asks for rows of one layer, and does not wait. Rows outside the prefix are passed over.
  ///
  /// - Returns: the number of distinct 4 KiB pages asked for.
  @discardableResult
  public func prefetch(
    _ group: String, layer: Int, rows: UnsafeBufferPointer<Int64>
  ) throws(ContextError) -> Int {
    let index = try checkLayers(group, layer..<(layer + 1))
    let count = Int64(blockCount * space.frameGroup(index).rows)
    let inside = rows.filter { $0 >= 0 && $0 < count }
    return inside.withUnsafeBufferPointer { rows in
      withView(group: index, layer: layer) { ask($0, rows) }
    }
  }

  private func check(
    _ rows: UnsafeBufferPointer<Int64>, group: String, index: Int
  ) throws(ContextError) {
    let count = blockCount * space.frameGroup(index).rows
    let bad = engram_find_row_out_of_range(rows.baseAddress, rows.count, UInt64(count))
    guard bad == rows.count else {
      throw .rowOutOfRange(group: group, row: rows[bad], rows: count)
    }
  }

  private typealias Kernel = (
    UnsafePointer<engram_block_view>?, UnsafePointer<Int64>?, Int, UnsafeMutablePointer<UInt8>?
  ) -> Int

  private func copy(
    _ view: UnsafePointer<engram_block_view>, _ rows: UnsafeBufferPointer<Int64>,
    _ range: Range<Int>, group: (name: String, index: Int), layer: Int,
    into out: UnsafeMutablePointer<UInt8>, by gather: Kernel = engram_block_gather
  ) throws(ContextError) {
    guard !range.isEmpty else { return }
    let rowBytes = Int(view.pointee.row_bytes)
    let done = gather(
      view, rows.baseAddress! + range.lowerBound, range.count,
      out + range.lowerBound * rowBytes)
    guard done < range.count else { return }
    let row = rows[range.lowerBound + done]
    let each = Int(view.pointee.rows_per_block)
    let block = Int(row) / each
    if found.bases[group.index][block] != nil {
      lose(block, group: group.index, layer: layer, row: Int(row) % each)
    }
    throw .missing(group: group.name, layer: layer, row: row)
  }

  private func ask(
    _ view: UnsafePointer<engram_block_view>, _ rows: UnsafeBufferPointer<Int64>
  ) -> Int {
    guard !rows.isEmpty else { return 0 }
    return withUnsafeTemporaryAllocation(of: UnsafePointer<UInt8>?.self, capacity: rows.count) {
      slots in
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4 * rows.count) { scratch in
        for (index, row) in rows.enumerated() {
          slots[index] = engram_block_slot(view, row)
        }
        return Int(
          engram_prefetch_slots(
            slots.baseAddress, rows.count, view.pointee.row_bytes + 4, scratch.baseAddress))
      }
    }
  }
}
