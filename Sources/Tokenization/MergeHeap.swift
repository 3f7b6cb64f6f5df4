/// A binary heap of pairs that could merge: lowest rank first, then leftmost.
struct MergeHeap {
  /// rank << 32 | position.
  private var entries: [UInt64] = []

  mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

  /// Adds an entry without keeping the order; `order()` restores it.
  mutating func append(rank: UInt32, position: UInt32) {
    entries.append(UInt64(rank) << 32 | UInt64(position))
  }

  /// Makes a heap of what was appended.

  mutating func order() {
    var index = entries.count / 2
    while index > 0 {
      index -= 1
      siftDown(index)
    }
  }

  mutating func push(rank: UInt32, position: UInt32) {
    append(rank: rank, position: position)
    var child = entries.count - 1
    let entry = entries[child]
    while child > 0 {
      let parent = (child - 1) / 2
      guard entry < entries[parent] else { break }
      entries[child] = entries[parent]
      child = parent
    }
    entries[child] = entry
  }

  mutating func pop() -> (rank: UInt32, position: UInt32)? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    if !entries.isEmpty {
      entries[0] = last
      siftDown(0)
    }
    return (UInt32(first >> 32), UInt32(truncatingIfNeeded: first))
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    let entry = entries[parent]
    while true {
      var child = parent * 2 + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
      guard entries[child] < entry else { break }
      entries[parent] = entries[child]
      parent = child
    }
    entries[parent] = entry
  }
}
