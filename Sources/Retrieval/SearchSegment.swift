import Bitsets
import PassageIndex
import Storage

/// A segment of an open index: what of it the version has, and which samples that is.
struct SearchSegment: Sendable {
  let segment: Segment
  /// What document frequencies are too high by.
  let lost: LostPostings
  /// The passages of the version; all where `nil`.
  let alive: Bitset?
  /// Its vectors' folder.
  let vectors: String?
  private let samples: CheckedFile
  private let firstDocument: Int

  /// - Parameter samples: the version's file of sample numbers.
  /// - Parameter firstDocument: where in it this segment's begin.
  init(
    segment: Segment, part: IndexManifest.SegmentPart, lost: LostPostings, samples: CheckedFile,
    firstDocument: Int
  ) throws {
    self.segment = segment
    self.lost = lost
    self.samples = samples
    self.firstDocument = firstDocument
    vectors = part.vectors
    guard segment.description.documents == part.documents,
      segment.description.passages == part.passages
    else {
      throw RetrievalError.corrupt(
        path: segment.folder, reason: "it is not the segment that the manifest describes")
    }
    guard part.alive < part.documents else {
      alive = nil
      return
    }
    var alive = Bitset(count: part.passages)
    for document in 0..<part.documents
    where try Self.sample(document, samples, firstDocument) != SampleMatching.none {
      alive.insert(contentsOf: segment.passages(ofDocument: document))
    }
    self.alive = alive
  }

  private static func sample(
    _ document: Int, _ samples: CheckedFile, _ first: Int
  ) throws -> UInt32 {
    let start = 4 * (first + document)
    let bytes = try samples.bytes(start..<start + 4)
    return UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
  }

  /// The sample that a passage stands in, and which of the sample's passages it is.
  func place(ofPassage passage: Int) throws -> (sample: UInt32, ordinal: UInt32) {
    let document = segment.document(ofPassage: passage)
    let first = segment.passages(ofDocument: document).lowerBound
    return (try sample(ofDocument: document), UInt32(passage - first))
  }

  /// The sample that a document is; `SampleMatching.none` where it is gone.
  func sample(ofDocument document: Int) throws -> UInt32 {
    try Self.sample(document, samples, firstDocument)
  }
}
