/// Byte pair encoding of one pre-token: start from its bytes, merge the pair of lowest rank
/// (the leftmost of several) until no pair merges (Sennrich et al. 2016, arXiv 1508.07909).
struct BytePairEncoder: Sendable {
  /// Token of each byte; -1 where the vocabulary lacks it, and the byte is dropped, as in
  /// Hugging Face `tokenizers` without an unknown token.
  let byteTokens: [Int32]
  let merges: MergeTable
  /// Words that are tokens as a whole are taken before any merge (`ignore_merges`).
  let wholeWords: WholeWords?

  /// Up to here a scan over all pairs a merge is faster than a heap.
  private static let scanLimit = 96

  /// Working memory of one thread.
  struct Scratch {
    fileprivate var ids: [Int32] = []
    fileprivate var pending: [MergeTable.Merge] = []
    fileprivate var previous: [Int32] = []
    fileprivate var next: [Int32] = []
    fileprivate var heap = MergeHeap()
  }

  /// Appends the tokens of a pre-token, at most 2^31 - 1 bytes.
  ///
  /// - Complexity: O(n log n) for n bytes; memory 20 bytes a byte of the longest pre-token.
  func encode(
    _ word: UnsafeBufferPointer<UInt8>, _ scratch: inout Scratch, into output: inout [Int32]
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
      mergeByScanning(&scratch)
      output.append(contentsOf: scratch.ids)
    } else {
      mergeByHeap(&scratch, into: &output)
    }
  }

  private func mergeByScanning(_ scratch: inout Scratch) {
    var count = scratch.ids.count
    guard count > 1 else { return }
    if scratch.pending.count < Self.scanLimit {
      scratch.pending = [MergeTable.Merge](repeating: .none, count: Self.scanLimit)
    }
    scratch.ids.withUnsafeMutableBufferPointer { ids in
      scratch.pending.withUnsafeMutableBufferPointer { pending in
        // pending[i] is what ids[i] and ids[i + 1] merge into.
        for index in 0..<count - 1 { pending[index] = merges.merge(ids[index], ids[index + 1]) }
        while true {
          var best = UInt32.max
          var place = 0
          for index in 0..<count - 1 where pending[index].rank < best {
            best = pending[index].rank
            place = index
          }
          guard best != .max else { break }
          ids[place] = pending[place].id
          count -= 1
          for index in place + 1..<max(place + 1, count) {
            ids[index] = ids[index + 1]
            pending[index - 1] = pending[index]
          }
          // pending[place] moved down from place + 1 and is stale, like its left neighbour.
          if place + 1 < count { pending[place] = merges.merge(ids[place], ids[place + 1]) }
          if place > 0 { pending[place - 1] = merges.merge(ids[place - 1], ids[place]) }
          if count == 1 { break }
        }
      }
    }
    scratch.ids.removeLast(scratch.ids.count - count)
  }

  private func mergeByHeap(_ scratch: inout Scratch, into output: inout [Int32]) {
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
    if count > 1 << 20 { scratch = Scratch() }
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
