/// What a cache would hit that keeps blocks exactly by when they were used last: the line that a real
/// store is compared with. No bytes are moved.
///
/// A prompt hits the blocks from its first on that are there without a gap. Then all its blocks count as
/// used, the first ones last, so that a prefix never goes before what continues it.
///
/// - Complexity: O(blocks of a prompt) a prompt; about 100 bytes a block that is there.
public struct RecencySimulation {
  /// Blocks that fit; `nil`: all.
  public let capacity: Int?
  /// Tokens of a block.
  public let blockTokens: Int
  /// Blocks that were put out.
  public private(set) var evictedBlocks = 0

  private var places: [PromptKeys.Key: Int] = [:]
  private var keys: [PromptKeys.Key] = []
  // A ring through all places: `after[0]` is the one used last, `before[0]` the one used longest ago.
  private var before = [0]
  private var after = [0]

  /// A cache of `capacity` blocks; `nil` for one that never has to put anything out.
  public init(capacity: Int?, blockTokens: Int) {
    self.capacity = capacity
    self.blockTokens = blockTokens
    keys.append(PromptKeys.Key(high: 0, low: 0))
  }

  /// Looks a prompt up and stores what of it is missing.
  ///
  /// - Returns: tokens that were there.
  public mutating func play(_ tokens: [Int32]) -> Int {
    let prompt = PromptKeys.keys(of: tokens, blockTokens: blockTokens)
    let hits = prompt.firstIndex { places[$0] == nil } ?? prompt.count
    for key in prompt.reversed() { use(key) }
    return hits * blockTokens
  }

  private mutating func use(_ key: PromptKeys.Key) {
    if capacity == 0 { return }
    let place: Int
    if let known = places[key] {
      place = known
      unlink(place)
    } else if let capacity, places.count >= capacity {
      place = before[0]
      unlink(place)
      places[keys[place]] = nil
      evictedBlocks += 1
      keys[place] = key
      places[key] = place
    } else {
      place = keys.count
      keys.append(key)
      before.append(0)
      after.append(0)
      places[key] = place
    }
    let first = after[0]
    (before[place], after[place]) = (0, first)
    before[first] = place
    after[0] = place
  }

  private mutating func unlink(_ place: Int) {
    after[before[place]] = after[place]
    before[after[place]] = before[place]
  }
}
