extension PatternAutomaton {
  /// The first match that begins at or after `start` in a text of `count` bytes of UTF-8.
  ///
  /// - Parameter work: what it may look at in vain; what it did is taken off. Where that makes it
  ///   negative, nothing was found and more may be there.
  /// - Complexity: one table look-up a scalar where, as in every pre-tokenizer, attempts that
  ///   fail do so early; the product of text and longest failed attempt at worst.
  @inline(__always)
  func firstMatch(
    _ base: UnsafePointer<UInt8>, count: Int, from start: Int, work: inout Int
  ) -> Range<Int>? {
    let classes = classes
    let transitions = transitions
    let isSkipped = isSkipped
    let stride = stride
    var begin = start
    while true {
      while begin < count, isSkipped[Int(base[begin])] { begin &+= 1 }
      var state = stride
      var position = begin
      var end = -1
      while position < count {
        let first = base[position]
        let entry: UInt32
        let length: Int
        if first < 0x80 {
          entry = transitions[state &+ Int(classes[Int(first)])]
          length = 1
        } else {
          let scalar = UTF8Text.scalar(base, position)
          entry = transitions[state &+ Int(classes[Int(scalar.value)])]
          length = scalar.length
        }
        if entry & 1 != 0 { end = position }
        state = Int(entry &>> 1)
        if state == 0 { break }
        position &+= length
      }
      if state != 0, transitions[state &+ stride &- 1] & 1 != 0 { end = count }
      work &-= position &- max(begin, end)
      if end >= 0 { return begin..<end }
      guard begin < count, work >= 0 else { return nil }
      begin &+= UTF8Text.scalar(base, begin).length
    }
  }
}
