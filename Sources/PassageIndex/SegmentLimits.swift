import CPostings

/// What fits into a segment, and the sizes of its parts.
package enum SegmentLimits {
  /// Passages: their distances within a group of postings then sum up without overflow.
  package static let passages = 1 << 24
  /// Words, so that places in lists of positions fit 32 bits.
  package static let words = Int(UInt32.max)
  /// Words of a passage.
  package static let passageWords = Int(UInt16.max)
  /// Bytes of a term.
  package static let termBytes = 255
  /// Postings, or positions, of a group.
  static let group = Int(ENGRAM_GROUP)
  /// Bytes of a group's entry in a list's table.
  static let skipBytes = 24
  /// Bits of the distance between two passages.
  static let passageBits: UInt32 = 24
  /// Terms of a block of the dictionary.
  static let dictionaryBlock = 32
  /// Bytes of a block's entry in the dictionary's table, and of the dictionary's end.
  static let dictionaryEntryBytes = 24
  static let dictionaryEndBytes = 16
}

/// The files of a segment's folder.
package enum SegmentFile {
  package static let description = "segment.json"
  package static let documents = "documents"
  package static let passages = "passages"
  package static let lengths = "lengths"
  package static let terms = "terms"
  package static let postings = "postings"
  package static let positions = "positions"
  package static let metadata = "metadata"
  /// All of them.
  package static let all = [
    description, documents, passages, lengths, terms, postings, positions, metadata,
  ]

  /// What pages of a file begin their checksums with.
  static func salt(_ segment: String, _ file: String) -> String { segment + "/" + file }
}
