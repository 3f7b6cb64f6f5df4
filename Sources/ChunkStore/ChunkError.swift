/// What can go wrong with chunks. Each prints as one line: what, where, what to do.
public enum ChunkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A chunk that a dataset names is not there.
  case missing(place: String)
  /// The file is no chunk, or another one than that which was asked for.
  case corruptChunk(place: String, reason: String)
  /// A block does not match its checksum.
  case corruptBlock(place: String, block: Int, offset: Int, expected: UInt32, found: UInt32)
  /// The chunk was written by a newer program.
  case newerFormat(place: String, found: Int, supported: Int)
  /// A sample is larger than a chunk may be.
  case sampleTooLarge(bytes: Int, limit: Int)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .missing(let place):
      "\(place) is missing; restore it from a copy, or drop the versions that use it"
    case .corruptChunk(let place, let reason):
      "\(place) is damaged: \(reason); restore it from a copy, nothing of it is served"
    case .corruptBlock(let place, let block, let offset, let expected, let found):
      "\(place) is damaged: block \(block) at byte \(offset) has checksum \(Self.hex(found)), "
        + "expected \(Self.hex(expected)); restore it from a copy, nothing of it is served"
    case .newerFormat(let place, let found, let supported):
      "\(place) has chunk format \(found), this program reads up to \(supported); use a newer engram"
    case .sampleTooLarge(let bytes, let limit):
      "a sample of \(bytes) bytes is larger than the \(limit) bytes that a chunk holds; split it"
    }
  }

  private static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}
