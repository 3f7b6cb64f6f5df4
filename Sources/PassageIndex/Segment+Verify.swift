extension Segment {
  /// Decodes every list and every position.
  ///
  /// - Parameter advance: called with terms that were read; what it throws ends the work.
  /// - Returns: how many postings there are.
  /// - Throws: `PassageIndexError.corrupt` at the first that is not what it has to be.
  package func checkPostings(advance: (Int) throws -> Void) throws -> Int {
    let size = SegmentLimits.group
    let buffer = UnsafeMutablePointer<UInt32>.allocate(capacity: 3 * size)
    buffer.initialize(repeating: 0, count: 3 * size)
    defer { buffer.deallocate() }
    var total = 0
    var last: [UInt8]?
    var places = GrowingBuffer<UInt32>()
    try terms.forEach { term, entry in
      if let last, !last.lexicographicallyPrecedes(term) {
        throw PassageIndexError.corrupt(path: folder, reason: "terms are not in order")
      }
      last = term
      let list = try postings(of: entry)
      var positions = try TermPositions(entry, in: self, buffer: buffer + 2 * size)
      var before = 0
      for group in 0..<list.groups {
        for index in 0..<(try list.decode(group, into: buffer, buffer + size)) {
          places.removeAll()
          let frequency = buffer[size + index]
          try positions.append(first: before, frequency: frequency, to: &places)
          before += Int(frequency)
          let length = length(ofPassage: Int(buffer[index]))
          let found = places.elements
          guard found.last! < length, zip(found, found.dropFirst()).allSatisfy(<) else {
            throw PassageIndexError.corrupt(
              path: folder, reason: "positions of a term are not in its passage")
          }
        }
      }
      guard before == entry.occurrences else {
        throw PassageIndexError.corrupt(path: folder, reason: "a term's frequencies do not add up")
      }
      total += entry.passages
      if entry.ordinal % 4096 == 4095 { try advance(4096) }
    }
    return total
  }
}
