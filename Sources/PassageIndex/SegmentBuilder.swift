import CPostings
import MetadataColumns
import Storage
import Terms

/// Makes one segment in memory, document by document, and writes it. One thread at a time.
///
/// Every occurrence of a word is 8 bytes: the term's number, the passage, the place in it. They come
/// in the order of passages, so that counting them by term and moving each once sorts them.
package final class SegmentBuilder {
  /// Numbers of terms fit 24 bits; a segment with as many occurrences at most keeps to that.
  private static let termLimit = 1 << 24
  private static let passageShift: UInt64 = 16
  private static let termShift: UInt64 = 40

  private let folder: String
  private let id: String
  private let limit: Int
  private let normalizer: TermNormalizer.Session
  private let metadata: MetadataColumnsWriter
  private var documents = DocumentTable()
  private let words: WordTable
  /// Terms by their numbers, where they are not the words themselves.
  private let terms: WordTable
  private var occurrences = GrowingBuffer<UInt64>()
  private var places: [engram_word_place] = []
  private var numbers: [UInt32] = []
  private var term: [UInt8] = []

  /// - Parameter folder: an empty folder, in which the files will be.
  /// - Parameter occurrences: words that are kept in memory before the segment is full, 8 bytes each
  ///   and as much again while it is written.
  package init(
    folder: String, id: String, normalizer: TermNormalizer, occurrences limit: Int
  ) throws {
    self.folder = folder
    self.id = id
    self.limit = min(limit, Self.termLimit)
    self.normalizer = normalizer.session()
    metadata = try MetadataColumnsWriter(
      creating: folder + "/" + SegmentFile.metadata,
      salt: SegmentFile.salt(id, SegmentFile.metadata))
    words = try WordTable()
    terms = try WordTable()
  }

  /// Documents so far.
  package var count: Int { documents.digests.count }

  /// Whether there is room for one more document; there always is for the first.
  package func hasRoom(words: Int, passages: Int) -> Bool {
    count == 0
      || occurrences.count + words <= limit
        && documents.lengths.count + passages <= SegmentLimits.passages
  }

  /// Adds a document.
  ///
  /// - Parameter metadata: a JSON object.
  /// - Parameter spans: its passages, in order; all words are in one.
  /// - Throws: `PassageIndexError.tooLarge` where a document fits into no segment.
  package func append(
    digest: UInt64, textBytes: Int, metadata: UnsafeRawBufferPointer, words: Words,
    spans: [PassageSpan]
  ) throws {
    try documents.appendDocument(digest: digest, textBytes: textBytes)
    try self.metadata.add(metadata)
    try number(words)
    for span in spans {
      let passage = UInt64(documents.lengths.count) << Self.passageShift
      try documents.appendPassage(
        start: UInt32(span.bytes.lowerBound), length: UInt32(span.bytes.count),
        words: span.words.count)
      append(numbers[span.words], passage: passage)
    }
  }

  /// Adds the words of a passage.
  private func append(_ numbers: ArraySlice<UInt32>, passage: UInt64) {
    occurrences.reserve(numbers.count)
    let end = occurrences.base + occurrences.count
    numbers.withUnsafeBufferPointer { numbers in
      for place in numbers.indices {
        end[place] = UInt64(numbers[place]) << Self.termShift | passage | UInt64(place)
      }
    }
    occurrences.appendWritten(numbers.count)
  }

  /// Finds the term of each word: `numbers` afterwards.
  private func number(_ words: Words) throws {
    places.removeAll(keepingCapacity: true)
    places.reserveCapacity(words.words.count)
    for word in words.words {
      places.append(.init(start: word.foldedStart, length: UInt32(word.foldedLength)))
    }
    try words.folded.withUnsafeBytes { bytes in
      guard self.words.find(places, in: bytes, numbers: &numbers) > 0 else { return }
      for index in places.indices where numbers[index] == WordTable.missing {
        let start = Int(places[index].start)
        let word = UnsafeRawBufferPointer(
          rebasing: bytes[start..<start + Int(places[index].length)])
        // The same word may have come up a moment ago.
        var number = self.words.find(word)
        if number == WordTable.missing {
          number = try self.number(ofTermOf: word)
          try self.words.insert(word, number: number)
        }
        numbers[index] = number
      }
    }
  }

  private func number(ofTermOf word: UnsafeRawBufferPointer) throws -> UInt32 {
    normalizer.term(of: word, into: &term)
    return try term.withUnsafeBytes { term in
      let known = terms.find(term)
      guard known == WordTable.missing else { return known }
      guard terms.count < Self.termLimit else {
        throw PassageIndexError.tooLarge(
          what: "different terms of a document", count: terms.count + 1, limit: Self.termLimit)
      }
      let number = UInt32(terms.count)
      try terms.insert(term, number: number)
      return number
    }
  }

  /// Writes the segment. The builder is empty and of no use afterwards.
  package func finish() throws -> SegmentDescription {
    try metadata.finish()
    let writer = try SegmentWriter(folder: folder, id: id, documents: documents)
    let order = sortedTerms()
    try sortOccurrences(order) { sorted, starts in
      try write(sorted, order, starts, to: writer)
    }
    return try writer.finish()
  }

  /// Numbers of terms, in ascending order of their bytes.
  private func sortedTerms() -> [UInt32] {
    var keys = (0..<terms.count).map { number -> (key: UInt64, number: UInt32) in
      var key: UInt64 = 0
      for byte in terms.word(number).prefix(8) { key = key << 8 | UInt64(byte) }
      let missing = 8 - min(8, terms.word(number).count)
      return (key << UInt64(8 * missing), UInt32(number))
    }
    keys.sort { left, right in
      if left.key != right.key { return left.key < right.key }
      return terms.word(Int(left.number)).lexicographicallyPrecedes(
        terms.word(Int(right.number)))
    }
    return keys.map(\.number)
  }

  /// Calls `body` with the occurrences term by term, and where each term's begin.
  private func sortOccurrences(
    _ order: [UInt32],
    _ body: (_ sorted: UnsafeBufferPointer<UInt64>, _ starts: [Int]) throws -> Void
  ) throws {
    var counts = [Int](repeating: 0, count: terms.count)
    for occurrence in occurrences.elements {
      counts[Int(occurrence >> Self.termShift)] += 1
    }
    var starts: [Int] = []
    starts.reserveCapacity(order.count + 1)
    var total = 0
    var next = [Int](repeating: 0, count: terms.count)
    for number in order {
      starts.append(total)
      next[Int(number)] = total
      total += counts[Int(number)]
    }
    starts.append(total)
    let sorted = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: total)
    defer { sorted.deallocate() }
    next.withUnsafeMutableBufferPointer { next in
      for occurrence in occurrences.elements {
        let term = Int(occurrence >> Self.termShift)
        sorted.initializeElement(at: next[term], to: occurrence)
        next[term] += 1
      }
    }
    occurrences = GrowingBuffer()
    try body(UnsafeBufferPointer(sorted), starts)
  }

  private func write(
    _ sorted: UnsafeBufferPointer<UInt64>, _ order: [UInt32], _ starts: [Int],
    to writer: SegmentWriter
  ) throws {
    var lists = TermLists()
    for (rank, number) in order.enumerated() {
      lists.removeAll()
      lists.append(
        occurrences: UnsafeBufferPointer(rebasing: sorted[starts[rank]..<starts[rank + 1]]))
      try writer.append(term: terms.word(Int(number)), lists)
    }
  }
}
