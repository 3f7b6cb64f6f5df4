import Foundation
import MemoryTables
import SeededRandom

/// Rows for benchmarks: seeded bytes that differ from row to row, made at the speed of a copy.
struct SyntheticRows: RowSource {
  let rowBytes: Int
  private let pattern: [UInt8]

  init(rowBytes: Int, seed: UInt64 = 1) {
    self.rowBytes = rowBytes
    var generator = SeededGenerator(seed: seed)
    pattern = (0..<(rowBytes + 4096)).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  func copyRows(_ rows: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int) throws {
    pattern.withUnsafeBytes { pattern in
      for (index, row) in rows.enumerated() {
        let slot = slots + index * stride
        let start = row &* 2_654_435_761 & 4095
        slot.copyMemory(from: pattern.baseAddress! + start, byteCount: rowBytes)
        if rowBytes >= 8 { slot.storeBytes(of: UInt64(row), as: UInt64.self) }
      }
    }
  }
}
