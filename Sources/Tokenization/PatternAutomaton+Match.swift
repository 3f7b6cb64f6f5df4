extension PatternAutomaton {
  /// The first match that begins at or after `start` in a text of `count` bytes of UTF-8.
  ///
  /// - Complexity: one table look-up a scalar where, as in every pre-tokenizer, attempts that
  ///   fail do so early; the product of text and longest failed attempt at worst.
  @inline(__always)
  func firstMatch(
    _ base: UnsafePointer<UInt8>, count: Int, from start: Int
  ) -> Range<Int>? {
    classes.withUnsafeBufferPointer { classes in
      transitions.withUnsafeBufferPointer { transitions in
        let stride = classCount + 1
        var begin = start
        while true {
          var state = stride
          var position = begin
          var end = -1
          var firstLength = 1
          repeat {
            let entry: UInt16
            var length = 1
            if position < count {
              let first = base[position]
              if first < 0x80 {
                entry = transitions[state &+ Int(classes[Int(first)])]
              } else {
                let scalar = UTF8Text.scalar(base, position)
                length = scalar.length
                entry = transitions[state &+ Int(classes[Int(scalar.value)])]
              }
            } else {
              entry = transitions[state &+ classCount]
            }
            if entry & 1 != 0 { end = position }
            if position == begin { firstLength = length }
            position &+= length
            state = Int(entry >> 1) &* stride
          } while state != 0
          if end >= 0 { return begin..<end }
          begin &+= firstLength
          if begin > count { return nil }
        }
      }
    }
  }
}
