import Files
import Foundation
import MetadataColumns
import Storage

/// An immutable part of an index: some documents, their passages, and the postings of their terms.
///
/// Files are mapped; a page's checksum is compared when the page is first touched. Safe to use from
/// any number of threads at once.
package final class Segment: Sendable {
  /// Its numbers.
  package let description: SegmentDescription
  /// Its folder.
  package let folder: String
  /// Metadata of its documents.
  package let metadata: MetadataColumns
  let terms: TermDictionary
  let postings: CheckedFile
  let positions: CheckedFile
  private let documents: CheckedFile
  private let passageRanges: CheckedFile
  private let lengthsFile: CheckedFile

  // Mapped memory that nobody writes, alive as long as the files above.
  nonisolated(unsafe) let lengths: UnsafePointer<UInt16>
  nonisolated(unsafe) private let firstPassages: UnsafeRawPointer

  /// Opens a segment.
  ///
  /// - Throws: `PassageIndexError.corrupt`, `StorageError.corruptFile`, `FileError`.
  /// - Complexity: O(passages): lengths are checked at once.
  package init(folder: String, id: String) throws {
    self.folder = folder
    func corrupt(_ name: String, _ reason: String) -> PassageIndexError {
      .corrupt(path: folder + "/" + name, reason: reason)
    }
    let json = try DurableFile.read(folder + "/" + SegmentFile.description, limit: 1 << 20)
    guard let description = try? JSONDecoder().decode(SegmentDescription.self, from: Data(json)),
      description.format == SegmentDescription.formatVersion, description.id == id,
      (0...SegmentLimits.passages).contains(description.passages),
      (0...Int(UInt32.max)).contains(description.documents),
      (0...SegmentLimits.words).contains(description.words)
    else { throw corrupt(SegmentFile.description, "it describes no segment \(id)") }
    self.description = description
    func open(_ name: String) throws -> CheckedFile {
      try CheckedFile(path: folder + "/" + name, salt: SegmentFile.salt(id, name))
    }
    postings = try open(SegmentFile.postings)
    positions = try open(SegmentFile.positions)
    terms = try TermDictionary(
      try open(SegmentFile.terms), passages: description.passages,
      limits: (postings.count, positions.count))
    guard terms.count == description.terms else {
      throw corrupt(SegmentFile.terms, "it has \(terms.count) terms, not \(description.terms)")
    }
    documents = try open(SegmentFile.documents)
    guard documents.count == 16 * description.documents else {
      throw corrupt(SegmentFile.documents, "it is not of \(description.documents) documents")
    }
    passageRanges = try open(SegmentFile.passages)
    guard passageRanges.count == 8 * description.passages else {
      throw corrupt(SegmentFile.passages, "it is not of \(description.passages) passages")
    }
    lengthsFile = try open(SegmentFile.lengths)
    guard lengthsFile.count == 2 * description.passages else {
      throw corrupt(SegmentFile.lengths, "it is not of \(description.passages) passages")
    }
    let lengthBytes = try lengthsFile.allBytes()
    lengths = Self.pointer(lengthBytes, as: UInt16.self)
    let documentBytes = try documents.allBytes()
    firstPassages = UnsafeRawPointer(Self.pointer(documentBytes, as: UInt64.self))
      .advanced(by: 8 * description.documents)
    metadata = try MetadataColumns(
      path: folder + "/" + SegmentFile.metadata,
      salt: SegmentFile.salt(id, SegmentFile.metadata))
    guard metadata.documents == description.documents else {
      throw corrupt(SegmentFile.metadata, "it is not of \(description.documents) documents")
    }
    try checkFirstPassages()
  }

  private static func pointer<T>(_ bytes: UnsafeRawBufferPointer, as: T.Type) -> UnsafePointer<T> {
    // A mapping begins at a page; an empty file has none.
    guard let base = bytes.baseAddress else { return UnsafePointer(bitPattern: 8)! }
    return base.assumingMemoryBound(to: T.self)
  }

  private func checkFirstPassages() throws {
    var last = 0
    for document in 0..<description.documents {
      let first = firstPassage(of: document)
      guard first >= last, first <= description.passages, document > 0 || first == 0 else {
        throw PassageIndexError.corrupt(
          path: documents.path, reason: "document \(document)'s first passage is \(first)")
      }
      last = first
    }
    guard description.documents > 0 || description.passages == 0 else {
      throw PassageIndexError.corrupt(path: documents.path, reason: "it has no documents")
    }
  }

  private func firstPassage(of document: Int) -> Int {
    Int(UInt32(littleEndian: firstPassages.load(fromByteOffset: 4 * document, as: UInt32.self)))
  }

  /// The digest of a document's sample.
  package func digest(ofDocument document: Int) -> UInt64 {
    precondition((0..<description.documents).contains(document))
    let start = firstPassages - 8 * description.documents
    return UInt64(littleEndian: start.load(fromByteOffset: 8 * document, as: UInt64.self))
  }

  /// Bytes of a document's text.
  package func textBytes(ofDocument document: Int) -> Int {
    precondition((0..<description.documents).contains(document))
    let start = firstPassages + 4 * description.documents
    return Int(UInt32(littleEndian: start.load(fromByteOffset: 4 * document, as: UInt32.self)))
  }

  /// The passages of a document.
  package func passages(ofDocument document: Int) -> Range<Int> {
    precondition((0..<description.documents).contains(document))
    let isLast = document + 1 == description.documents
    return firstPassage(
      of: document)..<(isLast
      ? description.passages : firstPassage(of: document + 1))
  }

  /// The document of a passage.
  ///
  /// - Complexity: O(log documents).
  package func document(ofPassage passage: Int) -> Int {
    precondition((0..<description.passages).contains(passage))
    var (low, high) = (0, description.documents)
    // The last document that begins at or before the passage and has passages.
    while high - low > 1 {
      let middle = (low + high) / 2
      if firstPassage(of: middle) <= passage { low = middle } else { high = middle }
    }
    return low
  }

  /// Where a passage stands in its document's text, in bytes.
  package func range(ofPassage passage: Int) throws -> Range<Int> {
    let bytes = try passageRanges.bytes(8 * passage..<8 * passage + 8)
    let start = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
    let length = Int(
      UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
    return start..<start + length
  }

  /// Words of a passage.
  package func length(ofPassage passage: Int) -> Int {
    precondition((0..<description.passages).contains(passage))
    return Int(UInt16(littleEndian: lengths[passage]))
  }

  /// A term's entry; `nil` where no passage has it.
  package func entry(of term: [UInt8]) throws -> TermEntry? { try terms.find(term) }

  /// A term's postings.
  func postings(of entry: TermEntry) throws -> TermPostings {
    try TermPostings(entry, in: self)
  }
}
