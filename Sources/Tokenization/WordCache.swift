/// Remembers the tokens of short pre-tokens, in a table of fixed size (512 KiB, to stay in a core's
/// own cache): text repeats its words.
///
/// Two places a word; a new word takes the place of the older one.
final class WordCache {
  /// Longer words are not kept.
  static let wordLimit = 15
  /// Words of more tokens are not kept.
  static let tokenLimit = 3

  /// 32 bytes, two to a cache line.
  private struct Entry {
    /// The word's bytes, then its length in the highest byte: zero where the entry is free.
    var low: UInt64 = 0
    var high: UInt64 = 0
    var count: Int32 = 0
    var tokens: (Int32, Int32, Int32) = (0, 0, 0)
  }

  private static let bits: UInt64 = 13
  private let entries: UnsafeMutablePointer<Entry>

  init() {
    entries = .allocate(capacity: 2 << Int(Self.bits))
    entries.initialize(repeating: Entry(), count: 2 << Int(Self.bits))
  }

  deinit { entries.deallocate() }

  /// A word packed into two registers.
  struct Key {
    fileprivate var low: UInt64
    fileprivate var high: UInt64

    /// The first `count` bytes at `word`, 1 to 15.
    @inline(__always)
    init(_ word: UnsafePointer<UInt8>, _ count: Int) {
      let raw = UnsafeRawPointer(word)
      high = UInt64(count) << 56
      if count >= 8 {
        low = raw.loadUnaligned(as: UInt64.self)
        let tail = raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        if count > 8 { high |= tail &>> (UInt64(16 &- count) &* 8) }
      } else if count >= 4 {
        let head = UInt64(raw.loadUnaligned(as: UInt32.self))
        let tail = UInt64(raw.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
        low = head | tail &<< (UInt64(count &- 4) &* 8)
      } else {
        let middle = count &>> 1
        low =
          UInt64(word[0]) | UInt64(word[middle]) &<< (UInt64(middle) &* 8)
          | UInt64(word[count &- 1]) &<< (UInt64(count &- 1) &* 8)
      }
    }

    @inline(__always)
    fileprivate var slot: Int {
      let mixed = (low ^ high &* 0xC2B2_AE3D_27D4_EB4F) &* 0x9E37_79B9_7F4A_7C15
      let folded = (mixed ^ mixed &>> 29) &* 0xBF58_476D_1CE4_E5B9
      return Int(truncatingIfNeeded: folded &>> (64 &- WordCache.bits)) &* 2
    }
  }

  /// Appends the word's tokens where they are known.
  @inline(__always)
  func append(_ key: Key, to output: TokenBuffer) -> Bool {
    var entry = entries + key.slot
    if entry.pointee.low != key.low || entry.pointee.high != key.high {
      entry += 1
      if entry.pointee.low != key.low || entry.pointee.high != key.high { return false }
    }
    let count = entry.pointee.count
    output.append(entry.pointee.tokens.0)
    if count > 1 { output.append(entry.pointee.tokens.1) }
    if count > 2 { output.append(entry.pointee.tokens.2) }
    return true
  }

  /// Remembers a word's tokens, 1 to 3.
  func insert(_ key: Key, _ tokens: Slice<UnsafeBufferPointer<Int32>>) {
    guard let first = tokens.first, tokens.count <= Self.tokenLimit else { return }
    var entry = Entry(low: key.low, high: key.high, count: Int32(tokens.count))
    entry.tokens.0 = first
    if tokens.count > 1 { entry.tokens.1 = tokens[tokens.startIndex + 1] }
    if tokens.count > 2 { entry.tokens.2 = tokens[tokens.startIndex + 2] }
    entries[key.slot + 1] = entries[key.slot]
    entries[key.slot] = entry
  }
}
