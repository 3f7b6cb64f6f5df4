import ContextStore
import Dispatch

/// Plays a trace of prompts against a context store, as a serving engine would: looks a prompt up, reads
/// what is there, "computes" the rest and puts it.
///
///     let replay = try ContextReplay(store: store, space: store.space(namespace), isVerifying: true)
///     while let prompt = try trace.next() { try replay.play(prompt.tokens) }
///     print(replay.report().hitRate)
///
/// The bytes follow from the blocks' keys. One caller at a time.
public final class ContextReplay {
  /// Bytes of state that are given or read at once, at most; one block at least.
  private static let pieceBytes = 32 << 20

  private let store: ContextStore
  private let space: ContextSpace
  private let isDurable: Bool
  private let isVerifying: Bool
  private let state: SyntheticState
  private let buffers: [UnsafeMutableRawBufferPointer]
  private let pieceBlocks: Int
  private let before: ContextStatistics
  private var puts = WaitTimes()
  private var gets = WaitTimes()
  private var result = ReplayReport()
  private let start = DispatchTime.now().uptimeNanoseconds
  /// Called between pieces of a prompt; what it throws ends the replay.
  private let check: () throws -> Void

  /// A replay against an open store.
  ///
  /// - Parameter space: the namespace; what it has already may be hit if a replay put it.
  /// - Parameter isDurable: whether puts wait for the disk.
  /// - Parameter isVerifying: whether what is read is compared with what was put.
  /// - Parameter check: called between the pieces of a prompt; throws to stop.
  public init(
    store: ContextStore, space: ContextSpace, isDurable: Bool = false, isVerifying: Bool = false,
    check: @escaping () throws -> Void = {}
  ) {
    self.store = store
    self.space = space
    self.isDurable = isDurable
    self.isVerifying = isVerifying
    self.check = check
    let layout = space.namespace.layout
    state = SyntheticState(layout)
    let blockBytes = layout.groups.reduce(0) { $0 + layout.bytesPerBlock($1) }
    let blocks = max(1, min(1024, Self.pieceBytes / blockBytes))
    pieceBlocks = blocks
    buffers = layout.groups.map {
      .allocate(byteCount: layout.bytesPerBlock($0) * blocks, alignment: 64)
    }
    before = store.statistics
    if isVerifying { result.wrongBlocks = 0 }
  }

  deinit { for buffer in buffers { buffer.deallocate() } }

  /// Plays a prompt.
  ///
  /// - Throws: what the store throws, and what `check` throws.
  public func play(_ tokens: [Int32]) throws {
    let blockTokens = space.namespace.layout.blockTokens
    let keys = PromptKeys.keys(of: tokens, blockTokens: blockTokens)
    let found = try read(tokens, keys)
    if found < keys.count { try write(tokens, keys, from: found) }
    result.prompts += 1
    result.tokens += tokens.count
    result.hitTokens += found * blockTokens
  }

  /// What was found so far.
  public func report() -> ReplayReport {
    var report = result
    let now = store.statistics
    report.capacityBytes = store.capacityBytes
    report.putBytes = now.storedBytes - before.storedBytes
    report.getBytes = now.readBytes - before.readBytes
    report.evictedBlocks = now.evictedBlocks - before.evictedBlocks
    report.evictedSegments = now.evictedSegments - before.evictedSegments
    report.putMedian = puts.quantile(0.5).map { $0 * 1e3 }
    report.putSlowest = puts.quantile(0.99).map { $0 * 1e3 }
    report.getMedian = gets.quantile(0.5).map { $0 * 1e3 }
    report.getSlowest = gets.quantile(0.99).map { $0 * 1e3 }
    report.seconds = Self.seconds(since: start)
    return report
  }

  /// Reads what is there of a prompt; returns how many blocks that is, of every group.
  private func read(_ tokens: [Int32], _ keys: [PromptKeys.Key]) throws -> Int {
    var waited = 0.0
    let prefix = try Self.timed(&waited) { try space.lookup(.tokens(tokens)) }
    let groups = space.namespace.layout.groups
    var found = prefix.blockCount
    for group in groups { found = min(found, try prefix.presence(of: group.name).leading) }
    var done = 0
    reading: while done < found {
      try check()
      let blocks = done..<min(found, done + pieceBlocks)
      for (index, group) in groups.enumerated() {
        let bytes = UnsafeMutableRawBufferPointer(
          rebasing: buffers[index][..<(space.namespace.layout.bytesPerBlock(group) * blocks.count)])
        let delivered = try Self.timed(&waited) {
          try prefix.get(group.name, layers: 0..<group.layers, blocks: blocks, into: bytes)
        }
        guard delivered == blocks.count else {
          found = blocks.lowerBound
          break reading
        }
        if isVerifying {
          result.wrongBlocks! += state.differingBlocks(
            UnsafeRawBufferPointer(bytes), group: index, keys: keys[blocks])
        }
      }
      done = blocks.upperBound
    }
    if found > 0 { gets.note(waited) }
    return found
  }

  private func write(_ tokens: [Int32], _ keys: [PromptKeys.Key], from first: Int) throws {
    let layout = space.namespace.layout
    var waited = 0.0
    for start in stride(from: first, to: keys.count, by: pieceBlocks) {
      try check()
      let blocks = start..<min(keys.count, start + pieceBlocks)
      var parts: [String: UnsafeRawBufferPointer] = [:]
      for (index, group) in layout.groups.enumerated() {
        let bytes = UnsafeMutableRawBufferPointer(
          rebasing: buffers[index][..<(layout.bytesPerBlock(group) * blocks.count)])
        state.fill(bytes, group: index, keys: keys[blocks])
        parts[group.name] = UnsafeRawBufferPointer(bytes)
      }
      let put = try Self.timed(&waited) {
        isDurable
          ? try space.putDurable(.tokens(tokens), range: blocks, parts: parts)
          : try space.putRelaxed(.tokens(tokens), range: blocks, parts: parts)
      }
      result.storedBlocks += put.stored
      result.refusedBlocks += put.refused
      result.peakBytes = max(result.peakBytes, FolderUsage.bytes(of: store.path))
    }
    puts.note(waited)
  }

  private static func timed<Result>(
    _ waited: inout Double, _ body: () throws -> Result
  ) rethrows -> Result {
    let start = DispatchTime.now().uptimeNanoseconds
    defer { waited += seconds(since: start) }
    return try body()
  }

  private static func seconds(since start: UInt64) -> Double {
    Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  }
}
