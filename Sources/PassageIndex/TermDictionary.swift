import Storage

/// The terms of a segment in ascending order, in blocks of 32: each but a block's first tells only
/// how it differs from the one before.
final class TermDictionary: Sendable {
  private let file: CheckedFile
  /// Blocks, and terms of all.
  let blocks: Int
  let count: Int
  private let tableStart: Int
  private let passages: Int
  private let limits: (postings: Int, positions: Int)

  /// - Parameter passages: of the segment, the most that a term can stand in.
  /// - Parameter limits: bytes of the files `postings` and `positions`.
  init(_ file: CheckedFile, passages: Int, limits: (postings: Int, positions: Int)) throws {
    self.file = file
    self.passages = passages
    self.limits = limits
    let end = SegmentLimits.dictionaryEndBytes
    func corrupt(_ reason: String) -> PassageIndexError {
      .corrupt(path: file.path, reason: reason)
    }
    guard file.count >= end else { throw corrupt("it has no end") }
    let bytes = try file.bytes(file.count - end..<file.count)
    let blocks = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    let terms = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    let room = UInt64((file.count - end) / SegmentLimits.dictionaryEntryBytes)
    let size = UInt64(SegmentLimits.dictionaryBlock)
    guard blocks <= room, terms <= blocks * size, terms + size > blocks * size else {
      throw corrupt("it tells of \(blocks) blocks and \(terms) terms")
    }
    self.blocks = Int(blocks)
    count = Int(terms)
    tableStart = file.count - end - Int(blocks) * SegmentLimits.dictionaryEntryBytes
  }

  /// The entry of a term; `nil` where it is not there.
  ///
  /// - Complexity: O(log blocks), each a page at most.
  func find(_ term: [UInt8]) throws -> TermEntry? {
    var (low, high) = (0, blocks)
    while low < high {
      let middle = (low + high) / 2
      var cursor = try cursor(block: middle)
      guard try cursor.next() else { throw cursor.corrupt("an empty block") }
      if cursor.isTermGreater(than: term) { high = middle } else { low = middle + 1 }
    }
    guard low > 0 else { return nil }
    var cursor = try cursor(block: low - 1)
    while try cursor.next() {
      if cursor.term == term { return cursor.entry }
      if cursor.isTermGreater(than: term) { break }
    }
    return nil
  }

  /// A walk over a block's terms.
  func cursor(block: Int) throws -> BlockCursor {
    let entryBytes = SegmentLimits.dictionaryEntryBytes
    let start = tableStart + block * entryBytes
    let isLast = block + 1 == blocks
    let table = try file.bytes(start..<start + (isLast ? 1 : 2) * entryBytes)
    func number(_ index: Int) -> UInt64 {
      UInt64(littleEndian: table.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
    }
    let end = isLast ? UInt64(tableStart) : number(3)
    guard number(0) <= end, end <= UInt64(tableStart), number(1) <= UInt64(limits.postings),
      number(2) <= UInt64(limits.positions)
    else {
      throw PassageIndexError.corrupt(
        path: file.path, reason: "block \(block) lies outside of its file")
    }
    return BlockCursor(
      reader: VarintReader(try file.bytes(Int(number(0))..<Int(end))), path: file.path,
      ordinal: block * SegmentLimits.dictionaryBlock - 1,
      rest: isLast
        ? count - block * SegmentLimits.dictionaryBlock : SegmentLimits.dictionaryBlock,
      postingsEnd: Int(number(1)), positionsEnd: Int(number(2)), passages: passages,
      limits: limits)
  }

  /// Calls `body` with every term and its entry, in order.
  func forEach(_ body: (_ term: [UInt8], _ entry: TermEntry) throws -> Void) throws {
    var walk = walk()
    while try walk.next() { try body(walk.term, walk.entry) }
  }

  /// A walk over all terms.
  func walk() -> Walk { Walk(dictionary: self) }

  /// All terms, one after another.
  struct Walk {
    let dictionary: TermDictionary
    private var block = 0
    private var cursor: BlockCursor?

    init(dictionary: TermDictionary) { self.dictionary = dictionary }

    /// The current term.
    var term: [UInt8] { cursor?.term ?? [] }
    /// Its entry.
    var entry: TermEntry { cursor!.entry }

    /// Goes to the next term; `false` at the end.
    mutating func next() throws -> Bool {
      while true {
        if cursor != nil, try cursor!.next() { return true }
        guard block < dictionary.blocks else { return false }
        cursor = try dictionary.cursor(block: block)
        block += 1
      }
    }
  }

  /// The terms of a block, one after another.
  struct BlockCursor {
    private(set) var term: [UInt8] = []
    private(set) var entry: TermEntry
    private var reader: VarintReader
    private let path: String
    private var rest: Int
    private let passages: Int
    private let limits: (postings: Int, positions: Int)

    fileprivate init(
      reader: VarintReader, path: String, ordinal: Int, rest: Int, postingsEnd: Int,
      positionsEnd: Int, passages: Int, limits: (postings: Int, positions: Int)
    ) {
      self.reader = reader
      self.path = path
      self.rest = rest
      self.passages = passages
      self.limits = limits
      entry = TermEntry(
        ordinal: ordinal, passages: 0, occurrences: 0, postings: postingsEnd..<postingsEnd,
        positions: positionsEnd..<positionsEnd)
    }

    func isTermGreater(than other: [UInt8]) -> Bool { other.lexicographicallyPrecedes(term) }

    func corrupt(_ reason: String) -> PassageIndexError {
      .corrupt(path: path, reason: "\(reason), at term \(entry.ordinal)")
    }

    mutating func next() throws -> Bool {
      guard rest > 0 else { return false }
      rest -= 1
      let shared = Int(reader.byte())
      let length = UInt64(reader.byte())
      guard shared <= term.count else { throw corrupt("a term shares more than there is") }
      let suffix = reader.take(length)
      term.removeSubrange(shared...)
      term.append(contentsOf: suffix)
      let passages = reader.next()
      let more = reader.next()
      let postings = reader.next()
      let positions = reader.next()
      guard !reader.isMalformed else { throw corrupt("a block ends early") }
      guard passages >= 1, passages <= UInt64(self.passages),
        more <= UInt64(SegmentLimits.words) - passages,
        postings <= UInt64(limits.postings - entry.postings.upperBound),
        positions <= UInt64(limits.positions - entry.positions.upperBound)
      else { throw corrupt("a term's numbers do not fit") }
      let starts = (entry.postings.upperBound, entry.positions.upperBound)
      entry = TermEntry(
        ordinal: entry.ordinal + 1, passages: Int(passages), occurrences: Int(passages + more),
        postings: starts.0..<starts.0 + Int(postings),
        positions: starts.1..<starts.1 + Int(positions))
      return true
    }
  }
}
