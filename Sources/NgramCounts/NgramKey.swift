/// The tokens of an N-gram as one number, the first token in its highest bits, so that numbers are
/// in the order of the N-grams. `CKernels/ngram_count.h` has the same keys as words.
protocol NgramKey: Comparable, BitwiseCopyable, Sendable {
  /// 64-bit words that it takes.
  static var words: Int { get }
  /// Zero.
  init()
  /// From words, the highest first.
  init(words: UnsafePointer<UInt64>)
  /// Makes room for one more token, and puts it there.
  mutating func append(_ token: UInt32, bits: Int)
  /// The token that has `after` tokens of `bits` bits behind it.
  func token(after: Int, bits: Int) -> UInt32
}

extension UInt64: NgramKey {
  static var words: Int { 1 }
  init(words: UnsafePointer<UInt64>) { self = words[0] }

  @inline(__always)
  mutating func append(_ token: UInt32, bits: Int) { self = self << UInt64(bits) | UInt64(token) }

  @inline(__always)
  func token(after: Int, bits: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: self >> UInt64(after * bits)) & (1 << UInt32(bits) - 1)
  }
}

extension UInt128: NgramKey {
  static var words: Int { 2 }
  init(words: UnsafePointer<UInt64>) { self = UInt128(words[0]) << 64 | UInt128(words[1]) }

  @inline(__always)
  mutating func append(_ token: UInt32, bits: Int) { self = self << UInt128(bits) | UInt128(token) }

  @inline(__always)
  func token(after: Int, bits: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: self >> UInt128(after * bits)) & (1 << UInt32(bits) - 1)
  }
}

/// A key of three words.
struct WideKey: NgramKey {
  static var words: Int { 3 }
  private var high: UInt64
  private var low: UInt128

  init() { (high, low) = (0, 0) }
  init(words: UnsafePointer<UInt64>) {
    high = words[0]
    low = UInt128(words: words + 1)
  }

  static func < (a: WideKey, b: WideKey) -> Bool {
    a.high != b.high ? a.high < b.high : a.low < b.low
  }

  mutating func append(_ token: UInt32, bits: Int) {
    high = high << UInt64(bits) | UInt64(truncatingIfNeeded: low >> UInt128(128 - bits))
    low.append(token, bits: bits)
  }

  func token(after: Int, bits: Int) -> UInt32 {
    let shift = after * bits
    let word =
      shift >= 128
      ? UInt128(high >> UInt64(shift - 128))
      : low >> UInt128(shift) | (shift == 0 ? 0 : UInt128(high) << UInt128(128 - shift))
    return UInt32(truncatingIfNeeded: word) & (1 << UInt32(bits) - 1)
  }
}
