import CKernels
import Foundation
import Synchronization

/// How a group of a prefix is there.
public struct ContextPresence: Codable, Hashable, Sendable {
  /// Blocks from the first on, without a gap.
  public let leading: Int
  /// Blocks up to the prefix's end, without a gap: what a sliding window needs.
  public let trailing: Int
  /// Blocks in all.
  public let present: Int
}

/// A prefix of a prompt that is there, as it was when it was looked up.
///
/// Any number of threads may read from it. A block that is found damaged is logged, is missing from then
/// on, and a miss for later lookups.
public final class ContextPrefix: Sendable {
  /// Blocks of the prefix; each has one group at least.
  public let blockCount: Int
  /// The namespace.
  public let space: ContextSpace
  // Arrays that never change over mapped bytes that nobody writes; `segments` keeps them mapped.
  nonisolated(unsafe) let found: FoundBlocks
  /// Blocks that turned out to be damaged, by group.
  private let lost: Mutex<[Set<Int>]>

  init(_ found: FoundBlocks, of space: ContextSpace) {
    self.found = found
    self.space = space
    blockCount = found.count
    lost = Mutex(Array(repeating: [], count: found.bases.count))
  }

  /// Tokens of the prefix.
  public var tokenCount: Int { blockCount * space.namespace.layout.blockTokens }

  /// How a group is there.
  ///
  /// - Throws: `ContextError.noSuchGroup`.
  public func presence(of group: String) throws(ContextError) -> ContextPresence {
    let index = try space.groupIndex(group)
    let lost = lost.withLock { $0[index] }
    let there = found.bases[index].indices.map {
      found.bases[index][$0] != nil && !lost.contains($0)
    }
    return ContextPresence(
      leading: there.firstIndex(of: false) ?? there.count,
      trailing: there.reversed().enumerated().first { !$0.element }?.offset ?? there.count,
      present: there.count { $0 })
  }

  /// Whether a block's group is there.
  func isThere(_ block: Int, group: Int) -> Bool {
    found.bases[group][block] != nil && !lost.withLock { $0[group].contains(block) }
  }

  /// Where reads of one layer find their rows; `body` must not keep it.
  func withView<Result>(
    group index: Int, layer: Int, _ body: (UnsafePointer<engram_block_view>) -> Result
  ) -> Result {
    let group = space.frameGroup(index)
    return found.bases[index].withUnsafeBufferPointer { bases in
      found.salts[index].withUnsafeBufferPointer { salts in
        var view = engram_block_view()
        // The kernel's pointers are of a C `const uint8_t *const *`.
        return withExtendedLifetime(found.segments) {
          bases.withMemoryRebound(to: UnsafePointer<UInt8>?.self) { bases in
            view.blocks = bases.baseAddress
            view.salts = salts.baseAddress
            view.block_count = bases.count
            view.layer_offset = UInt64(layer * group.layerBytes)
            view.word = group.word | UInt64(layer) << 32
            view.rows_per_block = UInt32(group.rows)
            view.row_bytes = UInt32(group.rowBytes)
            return body(&view)
          }
        }
      }
    }
  }

  /// Takes note that a block's group does not match its checksums: missing here, a miss elsewhere.
  func lose(_ block: Int, group: Int, layer: Int, row: Int) {
    guard lost.withLock({ $0[group].insert(block).inserted }) else { return }
    let owner = found.owners[group][block]
    let segment = found.segments[Int(owner.segment)]
    space.store.reportDamage(
      of: Int(owner.ordinal), segment: segment,
      what: "row \(row) of layer \(layer) of group \(space.namespace.layout.groups[group].name)")
  }

  /// Checks layers of a group; returns the group's number.
  func checkLayers(_ group: String, _ layers: Range<Int>) throws(ContextError) -> Int {
    let index = try space.groupIndex(group)
    let count = space.namespace.layout.groups[index].layers
    guard layers.lowerBound >= 0, layers.upperBound <= count else {
      throw .layersOutOfRange(
        group: group, first: layers.lowerBound, count: layers.count, layers: count)
    }
    return index
  }

  func checkBlocks(_ blocks: Range<Int>) throws(ContextError) {
    guard blocks.lowerBound >= 0, blocks.upperBound <= blockCount else {
      throw .blocksOutOfRange(
        first: blocks.lowerBound, count: blocks.count, available: blockCount)
    }
  }
}

extension ContextStore {
  /// A block did not match its checksums: a line in the log, and a miss from now on.
  func reportDamage(of ordinal: Int, segment: Segment, what: String) {
    let isNew = state.withLock { state in
      guard state.slots[segment.number].map({ state.segments[$0] === segment }) ?? false,
        state.kill(ordinal, of: segment)
      else { return false }
      state.counters.damagedBlocks += 1
      return true
    }
    guard isNew else { return }
    log(
      "\(what) of the block at \(segment.entries[ordinal].offset) of \(segment.dataPath) does not "
        + "match its checksum; the block is a miss from now on")
    guard isWriting else { return }
    saveDead(of: segment)
  }

  /// Writes a segment's list of dead blocks; where that fails they are found damaged again.
  func saveDead(of segment: Segment) {
    do {
      try state.withLock { _ in
        guard !segment.dead.isEmpty else { return }
        try DeadList.write(segment)
        segment.measure()
      }
      try saveState()
    } catch { log("\(error)") }
  }
}
