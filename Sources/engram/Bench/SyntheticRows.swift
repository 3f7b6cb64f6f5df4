import Foundation
import MemoryTables

/// Rows for benchmarks: seeded bytes that differ from row to row, made at the speed of a copy.
struct SyntheticRows: RowSource {
  let rowBytes: Int
  private let pattern: [UInt8]

  init(rowBytes: Int, seed: UInt64 = 1) {
    self.rowBytes = rowBytes
    var generator = SeededGenerator(seed)
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

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
