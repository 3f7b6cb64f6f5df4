import CKernels
import Foundation
import Storage
import Synchronization

/// One read of a batch.
public struct ContextRead {
  /// What it reads from.
  public let prefix: ContextPrefix
  /// The group.
  public let group: String
  /// Which layers.
  public let layers: Range<Int>
  /// Which blocks.
  public let blocks: Range<Int>
  /// Where to: [layers, blocks * rows of a block, row bytes].
  public let buffer: UnsafeMutableRawBufferPointer
  /// Blocks that are there whole, from the first that was asked for on.
  public internal(set) var delivered = 0

  /// A read.
  public init(
    prefix: ContextPrefix, group: String, layers: Range<Int>, blocks: Range<Int>,
    buffer: UnsafeMutableRawBufferPointer
  ) {
    self.prefix = prefix
    self.group = group
    self.layers = layers
    self.blocks = blocks
    self.buffer = buffer
  }
}

extension ContextPrefix {
  /// Copies layers of blocks into `buffer`, every row checked.
  ///
  /// - Parameter buffer: [layers, blocks * rows of a block, row bytes].
  /// - Returns: how many blocks, from the first that was asked for on, are there whole. A block's place in
  ///   the buffer does not depend on it; what is behind them must not be used.
  /// - Throws: `ContextError` before anything is written.
  /// - Complexity: one pass; what is not in memory is asked for ahead of the copy.
  public func get(
    _ group: String, layers: Range<Int>, blocks: Range<Int>,
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(ContextError) -> Int {
    var reads = [
      ContextRead(prefix: self, group: group, layers: layers, blocks: blocks, buffer: buffer)
    ]
    try Self.get(&reads)
    return reads[0].delivered
  }

  /// Several reads at once: the first blocks of all of them are asked for before any is copied.
  ///
  /// - Throws: `ContextError` before anything is written.
  public static func get(_ reads: inout [ContextRead]) throws(ContextError) {
    var plans: [ReadPlan] = []
    for read in reads { plans.append(try ReadPlan(read)) }
    // What a read asks for ahead of its copy, shared out among the reads.
    let ahead = max(4 << 20, ReadPlan.aheadBytes / max(1, plans.count))
    for index in plans.indices { plans[index].ask(upTo: ahead) }
    for index in plans.indices {
      reads[index].delivered = plans[index].copy(ahead: ahead)
    }
  }

  /// Asks for layers of blocks, and does not wait.
  ///
  /// - Returns: the number of 4 KiB pages asked for.
  /// - Throws: `ContextError`.
  @discardableResult
  public func prefetch(
    _ group: String, layers: Range<Int>, blocks: Range<Int>
  ) throws(ContextError) -> Int {
    let index = try checkLayers(group, layers)
    try checkBlocks(blocks)
    let part = space.frameGroup(index)
    let starts = blocks.map { block in
      found.bases[index][block].map { $0 + layers.lowerBound * part.layerBytes }
    }
    return Int(engram_prefetch_ranges(starts, starts.count, layers.count * part.layerBytes))
  }
}

/// A read that was checked, and how far it came. Unchecked: the buffer is the caller's, and no two
/// threads write to the same part of it.
private struct ReadPlan: @unchecked Sendable {
  /// What is asked for ahead of the copy.
  static let aheadBytes = 64 << 20

  /// What is copied past the caches: more than they hold.
  static let largeBytes = 8 << 20

  let read: ContextRead
  let index: Int
  let group: FrameHeader.Group
  /// Blocks of which a part was asked for.
  private var asked: Int

  init(_ read: ContextRead) throws(ContextError) {
    self.read = read
    index = try read.prefix.checkLayers(read.group, read.layers)
    try read.prefix.checkBlocks(read.blocks)
    group = read.prefix.space.frameGroup(index)
    let needed = read.layers.count * read.blocks.count * group.rows * group.rowBytes
    guard read.buffer.count >= needed else {
      throw .bufferTooSmall(needed: needed, given: read.buffer.count)
    }
    asked = read.blocks.lowerBound
  }

  private var bytesPerBlock: Int { max(1, read.layers.count * group.layerBytes) }

  /// Asks for the first blocks, about `bytes` of them.
  mutating func ask(upTo bytes: Int) {
    let first = read.blocks.lowerBound
    let end = min(read.blocks.upperBound, first + max(1, bytes / bytesPerBlock))
    guard asked < end else { return }
    _ = try? read.prefix.prefetch(read.group, layers: read.layers, blocks: asked..<end)
    asked = end
  }

  /// Copies the blocks; returns how many are whole. Large reads by two threads: one
  /// does not use all that the memory gives.
  func copy(ahead: Int) -> Int {
    guard !read.layers.isEmpty, !read.blocks.isEmpty else { return read.blocks.count }
    let bytes = read.layers.count * read.blocks.count * group.rows * group.rowBytes
    let isLarge = bytes >= Self.largeBytes
    let threads = isLarge && read.blocks.count > 1 ? 2 : 1
    let progress = Mutex(
      Progress(next: read.blocks.lowerBound, end: read.blocks.upperBound, asked: asked))
    let step = max(1, ahead / 2 / bytesPerBlock)
    _ = try? Workers.map(threads, threads: threads) { _, _ in
      while true {
        let work = progress.withLock { $0.take(of: read.blocks, step: step, ahead: 2 * step) }
        guard let work else { return }
        if !work.ask.isEmpty {
          _ = try? read.prefix.prefetch(read.group, layers: read.layers, blocks: work.ask)
        }
        if !copy(work.block, pastCaches: isLarge) {
          progress.withLock { $0.end = min($0.end, work.block) }
        }
      }
    }
    let delivered = progress.withLock { $0.end } - read.blocks.lowerBound
    if delivered == read.blocks.count {
      read.prefix.space.store.state.withLock { $0.counters.readBytes += bytes }
    }
    return delivered
  }

  /// Which block is next, what was asked for, and where the first is that is not whole.
  private struct Progress {
    var next: Int
    var end: Int
    var asked: Int

    mutating func take(
      of blocks: Range<Int>, step: Int, ahead: Int
    ) -> (block: Int, ask: Range<Int>)? {
      guard next < end else { return nil }
      defer { next += 1 }
      guard (next - blocks.lowerBound) % step == 0 else { return (next, 0..<0) }
      let first = max(asked, next)
      let last = max(first, min(blocks.upperBound, next + ahead))
      asked = last
      return (next, first..<last)
    }
  }

  private func copy(_ block: Int, pastCaches: Bool) -> Bool {
    let found = read.prefix.found
    let rows = group.rows * group.rowBytes
    guard read.prefix.isThere(block, group: index), let base = found.bases[index][block] else {
      return false
    }
    for layer in read.layers {
      let place =
        (layer - read.layers.lowerBound) * read.blocks.count + block - read.blocks.lowerBound
      let good = engram_block_open(
        base + layer * group.layerBytes, group.rows, UInt32(group.rowBytes),
        found.salts[index][block], group.word | UInt64(layer) << 32,
        (read.buffer.baseAddress! + place * rows).assumingMemoryBound(to: UInt8.self),
        pastCaches ? 1 : 0)
      if good < group.rows {
        read.prefix.lose(block, group: index, layer: layer, row: good)
        return false
      }
    }
    return true
  }
}
