/// Reads the entries of a block's payload, which may be anybody's bytes.
///
/// One thread at a time; `tokens` are valid until the next call of `next`.
struct BlockDecoder: ~Copyable {
  /// Why a payload is none.
  struct Malformed: Error {
    var offset: Int
    var reason: String
  }

  /// The current N-gram, `order` tokens.
  let tokens: UnsafeMutablePointer<Int32>
  /// Its count.
  private(set) var count: UInt64 = 0
  private let order: Int
  private let vocabulary: UInt64
  private var position = 0
  private var isFirst = true

  init(order: Int, vocabulary: Int) {
    self.order = order
    self.vocabulary = UInt64(vocabulary)
    tokens = .allocate(capacity: CountSubject.orderLimit)
    tokens.initialize(repeating: 0, count: CountSubject.orderLimit)
  }

  deinit { tokens.deallocate() }

  /// Begins with another payload.
  mutating func restart() {
    position = 0
    isFirst = true
  }

  /// Goes to the next entry; `false` at the end.
  ///
  /// - Parameter payload: the same bytes in every call since `restart`.
  @inline(__always)
  mutating func next(_ payload: UnsafeRawBufferPointer) throws(Malformed) -> Bool {
    guard position < payload.count else { return false }
    let start = try number(payload)
    let shared = Int(start & 7)
    let step = start >> 3
    guard shared < order, !isFirst || shared == 0, step < vocabulary else {
      throw malformed("its N-gram is out of order or out of the vocabulary")
    }
    let token = isFirst ? step : step &+ UInt64(UInt32(bitPattern: tokens[shared])) &+ 1
    guard token < vocabulary else { throw malformed("token \(token) of \(vocabulary)") }
    tokens[shared] = Int32(truncatingIfNeeded: token)
    var index = shared + 1
    while index < order {
      let token = try number(payload)
      guard token < vocabulary else { throw malformed("token \(token) of \(vocabulary)") }
      tokens[index] = Int32(truncatingIfNeeded: token)
      index += 1
    }
    count = try number(payload)
    guard count > 0 else { throw malformed("an N-gram that occurs no times") }
    isFirst = false
    return true
  }

  @inline(__always)
  private mutating func number(_ payload: UnsafeRawBufferPointer) throws(Malformed) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while position < payload.count {
      let byte = payload[position]
      position += 1
      // The tenth byte holds one bit.
      guard shift < 63 || (shift == 63 && byte <= 1) else { break }
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        guard byte != 0 || shift == 0 else { throw malformed("a number longer than it must be") }
        return result
      }
      shift += 7
    }
    throw malformed("a number that does not end")
  }

  private func malformed(_ reason: String) -> Malformed {
    Malformed(offset: position, reason: reason)
  }
}
