import ContextStore

/// Which blocks of a group a prefix has, as far as that is known without reading.
struct PresentBlocks: Sendable, Hashable {
  /// Blocks from the first on.
  var leading: Int
  /// Blocks up to the end.
  var trailing: Int
  /// Blocks in all.
  var present: Int
  /// Blocks of the prefix.
  var count: Int

  /// Of a group of a prefix.
  ///
  /// - Throws: `ContextError`.
  init(_ group: String, of prefix: ContextPrefix) throws {
    let presence = try prefix.presence(of: group)
    self.init(
      leading: Int(presence.leading), trailing: Int(presence.trailing),
      present: Int(presence.present), count: prefix.blockCount)
  }

  init(leading: Int, trailing: Int, present: Int, count: Int) {
    self.leading = leading
    self.trailing = trailing
    self.present = present
    self.count = count
  }

  /// Whether a block is there; `nil` where only a read can tell.
  subscript(block: Int) -> Bool? {
    guard block >= 0, block < count, block != leading else { return false }
    if block < leading || block >= count - trailing { return true }
    return hasIslands ? nil : false
  }

  /// How many blocks from `first` on are there, without a gap; `nil` where only reads can tell.
  func run(from first: Int) -> Int? {
    guard let isThere = self[first] else { return nil }
    guard isThere else { return 0 }
    return (first < leading ? leading : count) - first
  }

  /// Whether there are blocks that are neither leading nor trailing.
  private var hasIslands: Bool { leading < count && present > leading + trailing }
}
