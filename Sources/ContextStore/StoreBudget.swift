import Foundation

/// How much a context store may take, and in what pieces.
struct StoreBudget {
  let capacityBytes: Int
  let segmentBytes: Int

  /// The smallest segment and the smallest cap: four segments.
  static let leastSegment = 1 << 16
  /// What state, pins and recency are given.
  static let reserve = 1 << 20

  /// What the options say, else what is kept, else the defaults.
  ///
  /// - Throws: `ContextError.badOption`.
  init(
    _ options: ContextStore.Options, kept: StateFile?, path: String, isWriting: Bool
  ) throws(ContextError) {
    guard isWriting else {
      capacityBytes = kept?.capacityBytes ?? 0
      segmentBytes = kept?.segmentBytes ?? 0
      return
    }
    let capacity = options.capacityBytes ?? kept?.capacityBytes ?? Self.defaultCapacity(path)
    guard capacity >= Self.reserve + 8 * Self.leastSegment, capacity <= 1 << 50 else {
      throw .badOption(
        name: "the capacity", found: "\(capacity) bytes",
        expected: "\(Self.reserve + 8 * Self.leastSegment) bytes to 1 PiB")
    }
    let most = (capacity - Self.reserve) / 8
    var segment = options.segmentBytes ?? kept?.segmentBytes
    // What is kept may be of a cap that was larger.
    if options.segmentBytes == nil, let kept = segment, kept > most { segment = nil }
    let bytes = segment ?? max(Self.leastSegment, min(256 << 20, capacity / 32))
    guard bytes >= Self.leastSegment, bytes <= most, bytes <= 1 << 36 else {
      throw .badOption(
        name: "the segment size", found: "\(bytes) bytes",
        expected: "\(Self.leastSegment) bytes to an eighth of the capacity, \(most)")
    }
    capacityBytes = capacity
    segmentBytes = bytes / 4096 * 4096
  }

  private static func defaultCapacity(_ path: String) -> Int {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return 8 << 30 }
    let free = Int(clamping: status.f_bavail) * Int(clamping: status.f_frsize)
    return max(16 << 20, min(64 << 30, free / 2))
  }
}
