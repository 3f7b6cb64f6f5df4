import Files
import Foundation

extension ContextSpace {
  /// Keeps what is there of these blocks from being evicted.
  ///
  /// - Parameter seconds: from now on; 0 ends it.
  /// - Returns: how many blocks that are.
  /// - Throws: `ContextError`; `FileError` where it cannot be remembered.
  @discardableResult
  public func pin(_ blocks: ContextBlocks, seconds: Double) throws -> Int {
    try store.requireWriting()
    guard seconds >= 0, seconds <= 1e10 else {
      throw ContextError.badOption(
        name: "the time of a pin", found: "\(seconds) seconds", expected: "0 to 1e10")
    }
    let keys = try BlockKeys(blocks, of: namespace)
    let now = store.clock.now
    let expiry = now &+ UInt64(seconds * 1000)
    let count = store.state.withLock { state in
      var count = 0
      for block in 0..<keys.count {
        var isThere = false
        state.forEachFrame(of: block, keys) { _, _, _ in
          isThere = true
          return true
        }
        guard isThere else { continue }
        count += 1
        state.pins.pin(keys.fingerprint(block), until: expiry, now: now)
      }
      state.pins.dropExpired(now: now)
      return count
    }
    try store.savePins()
    return count
  }

  /// Forgets the last of these blocks and every block whose prefix it is; `nil`: the whole namespace.
  /// On the disk when it returns.
  ///
  /// - Returns: how many blocks were forgotten.
  /// - Throws: `ContextError`; `FileError` where it cannot be made durable: some may be gone then.
  /// - Complexity: O(blocks of the store).
  @discardableResult
  public func clear(_ blocks: ContextBlocks? = nil) throws -> Int {
    try store.requireWriting()
    guard let blocks else { return try store.clear(namespace.digest.bytes, from: nil) }
    let keys = try BlockKeys(blocks, of: namespace)
    guard keys.count > 0 else { return 0 }
    let key = keys.key(keys.count - 1)
    return try store.clear(namespace.digest.bytes, from: (keys.count - 1, key))
  }
}

extension ContextStore {
  /// Forgets everything, pins included.
  ///
  /// - Returns: how many blocks.
  @discardableResult
  public func clearAll() throws -> Int {
    try requireWriting()
    return try clear(nil, from: nil)
  }

  /// Forgets the blocks of a namespace, or of all; with `root`, those whose prefix ends or goes on with
  /// it.
  func clear(_ namespace: [UInt8]?, from root: (depth: Int, key: [UInt8])?) throws -> Int {
    // Nothing is appended meanwhile, so that what is listed is all there is.
    let (count, segments) = appending.withLock { _ in
      state.withLock { state in
        var chosen: [Int: [(segment: Segment, ordinal: Int, key: UInt64, parent: UInt64)]] = [:]
        for segment in state.segments {
          guard let segment else { continue }
          for ordinal in segment.entries.indices where segment.isLive(ordinal) {
            guard let frame = segment.frame(ordinal) else { continue }
            if let namespace, !namespace.withUnsafeBytes({ equal($0, frame.namespace) }) {
              continue
            }
            guard root == nil || frame.depth >= root!.depth else { continue }
            chosen[root == nil ? 0 : frame.depth, default: []].append(
              (segment, ordinal, frame.fingerprint, frame.parent.number(at: 0)))
          }
        }
        var count = 0
        var touched: [ObjectIdentifier: Segment] = [:]
        var wanted: Set<UInt64> = []
        if let root {
          wanted = [root.key.withUnsafeBytes { $0.number(at: 0) }]
        }
        for depth in chosen.keys.sorted() {
          var next: Set<UInt64> = []
          // A block whose parent had to go cannot tell whose prefix it is of: it goes, too.
          let parents = Set((chosen[depth - 1] ?? []).map(\.key))
          for block in chosen[depth] ?? [] {
            if let root {
              let isChosen =
                depth == root.depth
                ? wanted.contains(block.key)
                : wanted.contains(block.parent) || !parents.contains(block.parent)
              guard isChosen else { continue }
              next.insert(block.key)
            }
            if state.kill(block.ordinal, of: block.segment) { count += 1 }
            state.pins.remove(block.key)
            touched[ObjectIdentifier(block.segment)] = block.segment
          }
          if root != nil { wanted = next }
        }
        return (count, Array(touched.values))
      }
    }
    try savePins()
    for segment in segments {
      let isEmpty = state.withLock { _ in
        segment.isSealed && segment.dead.count == segment.entries.count
      }
      if isEmpty { evict(segment) }
      // What cannot be removed must not serve again what was cleared.
      if !isEmpty || DurableFile.size(of: segment.dataPath) != nil {
        try state.withLock { _ in
          try DeadList.write(segment)
          segment.measure()
        }
      }
    }
    try DurableFile.synchronize(folder: segmentsFolder)
    // Where it cannot be noted, a list that somebody removes is not missed: nothing else.
    if !segments.isEmpty { noteState() }
    return count
  }
}
