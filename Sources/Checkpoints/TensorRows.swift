import CKernels
import MemoryTables
import Safetensors

/// Rows whose parts lie in tensors: codes in one, scales in another, or a table in many shards.
///
/// Reads by mapping, and gives pages back to the system behind itself: a table far larger than
/// memory passes through a few megabytes.
public struct TensorRows: RowSource {
  /// A tensor that holds one part of a range of rows.
  struct Strip: Sendable {
    let location: SafetensorsFolder.Location
    /// The rows that it covers.
    let rows: Range<Int>
    /// Bytes of a row that it holds.
    let bytes: Int
    /// Where they go in the slot.
    let offset: Int
  }

  let strips: [Strip]
  /// Rows after whose copying their pages are released.
  private static let releaseInterval = 1 << 14

  /// Copies rows into slots.
  public func copyRows(
    _ rows: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int
  ) throws {
    for strip in strips {
      let part = rows.clamped(to: strip.rows)
      guard !part.isEmpty else { continue }
      let first = (part.lowerBound - strip.rows.lowerBound) * strip.bytes
      let target = slots + (part.lowerBound - rows.lowerBound) * stride + strip.offset
      strip.location.file.withUnsafeBytes(of: strip.location.tensor) { bytes in
        engram_spread_rows(
          bytes.baseAddress! + first, UInt32(strip.bytes), part.count,
          target.assumingMemoryBound(to: UInt8.self), stride)
      }
      strip.releaseBehind(part, interval: Self.releaseInterval)
    }
  }

  /// Gives back what the system counts as this process's part of the tensors' files.
  public func releaseMappedPages() {
    for strip in strips { strip.location.file.release(strip.location.tensor.range) }
  }

  /// A row's bytes, for checks.
  public func bytes(ofRow row: Int, rowBytes: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: rowBytes)
    try bytes.withUnsafeMutableBytes {
      try copyRows(row..<(row + 1), into: $0.baseAddress!, stride: rowBytes)
    }
    return bytes
  }
}

extension TensorRows.Strip {
  /// Gives back the last whole interval that `part` has passed the end of.
  fileprivate func releaseBehind(_ part: Range<Int>, interval: Int) {
    let reached = part.upperBound / interval
    guard reached > part.lowerBound / interval else { return }
    let start = location.tensor.range.lowerBound
    let lower = max(rows.lowerBound, (reached - 1) * interval) - rows.lowerBound
    let upper = reached * interval - rows.lowerBound
    location.file.release(start + lower * bytes..<start + upper * bytes)
  }
}
