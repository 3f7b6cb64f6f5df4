import Foundation
import Storage

/// What a segment holds, in numbers: the file `segment.json`.
package struct SegmentDescription: Codable, Hashable, Sendable {
  /// The form of the files.
  package static let formatVersion = 1

  package var format: Int
  /// The segment's name, part of every checksum.
  package var id: String
  package var documents: Int
  package var passages: Int
  /// Words of all passages.
  package var words: Int
  /// Distinct terms.
  package var terms: Int
  /// Bytes of the documents' texts.
  package var textBytes: Int

  func canonicalJSON() throws -> [UInt8] { try CanonicalJSON.encode(self) }
}
