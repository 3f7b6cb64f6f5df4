import CKernels

/// Byte pair encoding of one pre-token: start from its bytes, merge the pair of lowest rank
/// (the leftmost of several) until no pair merges (Sennrich et al. 2016, arXiv 1508.07909).
struct BytePairEncoder: Sendable {
  /// Token of each byte; -1 where the vocabulary lacks it, and the byte is dropped, as in
  /// Hugging Face `tokenizers` without an unknown token.
  let byteTokens: [Int32]
  let merges: MergeTable
  /// Words that are tokens as a whole are taken before any merge (`ignore_merges`).
  let wholeWords: WholeWords?
  private let bytePairs: BytePairTable

  init(byteTokens: [Int32], merges: MergeTable, wholeWords: WholeWords?) {
    self.byteTokens = byteTokens
    self.merges = merges
    self.wholeWords = wholeWords
    bytePairs = BytePairTable(byteTokens, merges)
  }

  /// Up to here a scan over all pairs a merge is faster than a heap.
  private static let scanLimit = 128

  /// Working memory of one thread.
  final class Scratch {
    fileprivate var ids: [Int32] = []
    fileprivate let pairs = Pairs()
    fileprivate var previous: [Int32] = []
    fileprivate var next: [Int32] = []
    fileprivate var heap = MergeHeap()

    fileprivate func removeAll() {
      (ids, previous, next, heap) = ([], [], [], MergeHeap())
    }
  }

  /// The pairs of a short word by the place of their left token.
  fileprivate final class Pairs {
    /// rank << 7 | place; all bits set where the pair does not merge.
    let keys = UnsafeMutablePointer<UInt32>.allocate(capacity: scanLimit)
    let merged = UnsafeMutablePointer<Int32>.allocate(capacity: scanLimit)
    let previous = UnsafeMutablePointer<Int>.allocate(capacity: scanLimit)
    let next = UnsafeMutablePointer<Int>.allocate(capacity: scanLimit)

    deinit {
      keys.deallocate()
      merged.deallocate()
      previous.deallocate()
      next.deallocate()
    }
  }

  /// Appends the tokens of a pre-token, at most 2^31 - 1 bytes.
  ///
  /// - Complexity: O(n log n) for n bytes; memory 20 bytes a byte of the longest pre-token.
  func encode(
    _ word: UnsafeBufferPointer<UInt8>, _ scratch: Scratch, into output: TokenBuffer
  ) {
    if let id = wholeWords?.id(of: word) {
      output.append(id)
      return
    }
    scratch.ids.removeAll(keepingCapacity: true)
    for byte in word where byteTokens[Int(byte)] >= 0 {
      scratch.ids.append(byteTokens[Int(byte)])
    }
    if scratch.ids.count <= Self.scanLimit {
      mergeByScanning(word, scratch, into: output)
    } else {
      mergeByHeap(scratch, into: output)
    }
  }

  /// Looks at all pairs for every merge, sixteen at a time.
  private func mergeByScanning(
    _ word: UnsafeBufferPointer<UInt8>, _ scratch: Scratch, into output: TokenBuffer
  ) {
    let count = scratch.ids.count
    guard count > 1 else { return output.append(contentsOf: scratch.ids) }
    let places = (count + 15) & ~15
    scratch.ids.withUnsafeMutableBufferPointer { ids in
      let pairs = scratch.pairs
      let keys = pairs.keys
      // A key holds rank and place: the smallest is the leftmost pair of the lowest rank.
      func put(_ merge: MergeTable.Merge, at left: Int) {
        keys[left] = merge.rank == .max ? .max : merge.rank << 7 | UInt32(left)
        pairs.merged[left] = merge.id
      }
      func look(_ left: Int, _ right: Int) {
        put(merges.merge(ids[left], ids[right]), at: left)
      }
      for index in 0..<places { keys[index] = .max }
      for index in 0..<count {
        pairs.previous[index] = index - 1
        pairs.next[index] = index + 1
      }
      if count == word.count {
        for index in 0..<count - 1 {
          put(bytePairs.merge(word[index], word[index + 1]), at: index)
        }
      } else {
        // Bytes without a token were dropped.
        for index in 0..<count - 1 { look(index, index + 1) }
      }
      while true {
        let key = engram_minimum_u32(keys, places)
        guard key != .max else { break }
        let left = Int(key & 127)
        let right = pairs.next[left]
        let after = pairs.next[right]
        ids[left] = pairs.merged[left]
        ids[right] = -1
        keys[right] = .max
        pairs.next[left] = after
        if after < count {
          pairs.previous[after] = left
          look(left, after)
        } else {
          keys[left] = .max
        }
        let before = pairs.previous[left]
        if before >= 0 { look(before, left) }
      }
      for id in ids where id >= 0 { output.append(id) }
    }
  }

  private func mergeByHeap(_ scratch: Scratch, into output: TokenBuffer) {
    let count = scratch.ids.count
    scratch.previous = (0..<Int32(count)).map { $0 - 1 }
    scratch.next = (1...Int32(count)).map { $0 }
    scratch.heap.removeAll()
    for index in 0..<count - 1 {
      let merge = merges.merge(scratch.ids[index], scratch.ids[index + 1])
      if merge.rank != .max { scratch.heap.append(rank: merge.rank, position: UInt32(index)) }
    }
    scratch.heap.order()
    while let (rank, position) = scratch.heap.pop() {
      let left = Int(position)
      // An entry is stale where its left or right token was merged since: the pair there now
      // has another rank, or none.
      guard scratch.ids[left] >= 0 else { continue }
      let right = Int(scratch.next[left])
      guard right < count else { continue }
      let merge = merges.merge(scratch.ids[left], scratch.ids[right])
      guard merge.rank == rank else { continue }
      scratch.ids[left] = merge.id
      scratch.ids[right] = -1
      let after = Int(scratch.next[right])
      scratch.next[left] = Int32(after)
      if after < count {
        scratch.previous[after] = Int32(left)
        let merge = merges.merge(scratch.ids[left], scratch.ids[after])
        if merge.rank != .max { scratch.heap.push(rank: merge.rank, position: position) }
      }
      let before = Int(scratch.previous[left])
      if before >= 0 {
        let merge = merges.merge(scratch.ids[before], scratch.ids[left])
        if merge.rank != .max { scratch.heap.push(rank: merge.rank, position: UInt32(before)) }
      }
    }
    for id in scratch.ids where id >= 0 { output.append(id) }
    // One huge word must not keep its memory for the rest of the session.
    if count > 1 << 20 { scratch.removeAll() }
  }
}

/// Vocabulary look-up of whole words for models that take them before any merge.
struct WholeWords: Sendable {
  let vocabulary: Vocabulary

  /// The id of the token whose text is `word` written in the byte alphabet.
  func id(of word: UnsafeBufferPointer<UInt8>) -> Int32? {
    var text: [UInt8] = []
    text.reserveCapacity(word.count * 2)
    for byte in word { UTF8Text.append(ByteAlphabet.scalars[Int(byte)], to: &text) }
    return vocabulary.id(of: text[...])
  }
}
