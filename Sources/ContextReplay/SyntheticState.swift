import ContextStore
import Foundation

/// Attention state that follows from a block's key, the group, the layer and the row: made at the speed
/// of a copy, and known again, so that a row in a wrong place is seen.
struct SyntheticState {
  private let layout: ContextLayout
  private let pattern: [UInt8]
  /// Pieces of the pattern begin at this many places.
  private static let places = 4096

  init(_ layout: ContextLayout) {
    self.layout = layout
    let longest = layout.groups.map(\.rowBytes).max() ?? 0
    var state: UInt64 = 1
    pattern = (0..<(longest + Self.places)).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
  }

  /// Writes the rows of a group of some blocks, [layers, blocks * rows of a block, row bytes].
  func fill(
    _ buffer: UnsafeMutableRawBufferPointer, group index: Int, keys: ArraySlice<PromptKeys.Key>
  ) {
    forEachRow(group: index, keys: keys) { offset, row, count in
      let slot = buffer.baseAddress! + offset
      slot.copyMemory(from: row, byteCount: count)
    }
  }

  /// Blocks whose rows are not what `fill` writes.
  func differingBlocks(
    _ buffer: UnsafeRawBufferPointer, group index: Int, keys: ArraySlice<PromptKeys.Key>
  ) -> Int {
    let group = layout.groups[index]
    let perLayer = keys.count * layout.rowsPerBlock(group) * group.rowBytes
    let perBlock = layout.rowsPerBlock(group) * group.rowBytes
    var differing: Set<Int> = []
    forEachRow(group: index, keys: keys) { offset, row, count in
      if memcmp(buffer.baseAddress! + offset, row, count) != 0 {
        differing.insert(offset % perLayer / perBlock)
      }
    }
    return differing.count
  }

  /// Calls `body` with each row's place in the buffer and its bytes, valid during the call.
  private func forEachRow(
    group index: Int, keys: ArraySlice<PromptKeys.Key>,
    _ body: (_ offset: Int, _ row: UnsafeRawPointer, _ count: Int) -> Void
  ) {
    let group = layout.groups[index]
    let rows = layout.rowsPerBlock(group)
    let count = group.rowBytes
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 8, alignment: 8)
    defer { scratch.deallocate() }
    pattern.withUnsafeBytes { pattern in
      var offset = 0
      for layer in 0..<group.layers {
        for key in keys {
          for row in 0..<rows {
            let stamp = Self.stamp(key, group: index, layer: layer, row: row)
            let start = Int(truncatingIfNeeded: stamp >> 20) & (Self.places - 1)
            scratch.baseAddress!.copyMemory(from: pattern.baseAddress! + start, byteCount: count)
            withUnsafeBytes(of: stamp) {
              scratch.baseAddress!.copyMemory(from: $0.baseAddress!, byteCount: min(8, count))
            }
            body(offset, UnsafeRawPointer(scratch.baseAddress!), count)
            offset += count
          }
        }
      }
    }
  }

  private static func stamp(_ key: PromptKeys.Key, group: Int, layer: Int, row: Int) -> UInt64 {
    var mixed = key.high ^ key.low &* 0x9E37_79B9_7F4A_7C15
    mixed ^= UInt64(group) << 56 ^ UInt64(layer) << 32 ^ UInt64(row)
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
