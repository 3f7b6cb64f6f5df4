import CPostings

/// Words and a number for each, in memory. One thread at a time.
final class WordTable {
  /// What a word that is not there has for a number.
  static let missing = UInt32.max

  private let table: OpaquePointer

  init() throws {
    guard let table = engram_word_table_create() else {
      throw PassageIndexError.outOfMemory(bytes: 1 << 20)
    }
    self.table = table
  }

  deinit { engram_word_table_free(table) }

  /// Words in the table.
  var count: Int { Int(engram_word_table_count(table)) }
  /// Bytes of memory.
  var bytes: Int { engram_word_table_bytes(table) }

  func removeAll() { engram_word_table_clear(table) }

  /// The number of a word; `missing` where it is not there.
  func find(_ word: UnsafeRawBufferPointer) -> UInt32 {
    engram_word_table_find(
      table, word.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(word.count))
  }

  /// Adds a word that is not there.
  func insert(_ word: UnsafeRawBufferPointer, number: UInt32) throws {
    let bytes = word.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard engram_word_table_insert(table, bytes, UInt32(word.count), number) != 0 else {
      throw PassageIndexError.outOfMemory(bytes: self.bytes)
    }
  }

  /// The word that was added as number `index`, from 0.
  func word(_ index: Int) -> UnsafeRawBufferPointer {
    var length: UInt32 = 0
    let start = engram_word_table_word(table, UInt32(index), &length)
    return UnsafeRawBufferPointer(start: start, count: Int(length))
  }

  /// Looks words up that stand in `bytes`; the numbers go to `numbers`.
  ///
  /// - Returns: how many are not there.
  func find(
    _ words: [engram_word_place], in bytes: UnsafeRawBufferPointer, numbers: inout [UInt32]
  ) -> Int {
    if numbers.count < words.count {
      numbers.append(contentsOf: repeatElement(0, count: words.count - numbers.count))
    }
    return engram_word_table_find_all(
      table, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), words, words.count, &numbers)
  }
}
