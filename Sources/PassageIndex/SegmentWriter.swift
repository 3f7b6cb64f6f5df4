import Files
import Foundation
import Storage

/// Writes the files of a segment: first documents and passages, then terms in ascending order of
/// their bytes.
final class SegmentWriter {
  /// The segment's folder and name.
  let folder: String
  let id: String
  private var description: SegmentDescription
  private var lengths: [UInt16] = []
  private var encoder = TermEncoder()
  private let terms: CheckedFileWriter
  private let postings: CheckedFileWriter
  private let positions: CheckedFileWriter
  private var block: [UInt8] = []
  private var blockTerms = 0
  private var lastTerm: [UInt8] = []
  private var table: [UInt8] = []
  private var postingsBytes = 0
  private var positionsBytes = 0

  /// Writes documents and passages.
  ///
  /// - Parameter folder: an empty folder.
  init(folder: String, id: String, documents: DocumentTable) throws {
    self.folder = folder
    self.id = id
    description = SegmentDescription(
      format: SegmentDescription.formatVersion, id: id, documents: documents.digests.count,
      passages: documents.lengths.count, words: documents.words, terms: 0,
      textBytes: documents.textBytes)
    try documents.write(to: folder, id: id)
    lengths = documents.lengths
    func writer(_ name: String) throws -> CheckedFileWriter {
      try CheckedFileWriter(creating: folder + "/" + name, salt: SegmentFile.salt(id, name))
    }
    terms = try writer(SegmentFile.terms)
    postings = try writer(SegmentFile.postings)
    positions = try writer(SegmentFile.positions)
  }

  /// Appends a term that is greater than those before it; see `TermEncoder.encode`.
  func append(term: UnsafeRawBufferPointer, _ lists: borrowing TermLists) throws {
    let passages = lists.passages.elements
    let places = lists.places.elements
    lengths.withUnsafeBufferPointer {
      encoder.encode(
        passages: passages, frequencies: lists.frequencies.elements, places: places, lengths: $0)
    }
    if blockTerms == SegmentLimits.dictionaryBlock { try endBlock() }
    if blockTerms == 0 {
      for number in [terms.count, postingsBytes, positionsBytes] {
        withUnsafeBytes(of: UInt64(number).littleEndian) { table += $0 }
      }
      lastTerm.removeAll(keepingCapacity: true)
    }
    var shared = 0
    while shared < min(lastTerm.count, term.count), lastTerm[shared] == term[shared] { shared += 1 }
    block.append(UInt8(shared))
    block.append(UInt8(term.count - shared))
    block.append(contentsOf: term[shared...])
    Varint.append(UInt64(passages.count), to: &block)
    Varint.append(UInt64(places.count - passages.count), to: &block)
    Varint.append(UInt64(encoder.postings.count), to: &block)
    Varint.append(UInt64(encoder.positions.count), to: &block)
    lastTerm.removeAll(keepingCapacity: true)
    lastTerm.append(contentsOf: term)
    blockTerms += 1
    description.terms += 1
    try postings.append(encoder.postings)
    try positions.append(encoder.positions)
    postingsBytes += encoder.postings.count
    positionsBytes += encoder.positions.count
  }

  private func endBlock() throws {
    try terms.append(block)
    block.removeAll(keepingCapacity: true)
    blockTerms = 0
  }

  /// Completes all files and flushes them.
  func finish() throws -> SegmentDescription {
    try endBlock()
    try terms.append(table)
    var end: [UInt8] = []
    for number in [table.count / SegmentLimits.dictionaryEntryBytes, description.terms] {
      withUnsafeBytes(of: UInt64(number).littleEndian) { end += $0 }
    }
    try terms.append(end)
    for writer in [terms, postings, positions] { try writer.finish() }
    let json = try description.canonicalJSON()
    try json.withUnsafeBytes {
      try DurableFile.write($0, to: folder + "/" + SegmentFile.description)
    }
    return description
  }
}
