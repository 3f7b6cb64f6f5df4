import Files
import Foundation
import Terms

@testable import PassageIndex
@testable import Storage

/// The good segment that the fuzzer edits: forty documents of a few passages.
enum SegmentSeed {
  static let id = "fuzz"
  /// Words of all documents, and one that none has.
  static let terms = ["row", "table", "page", "记忆", "edge", "none"].map { Array($0.utf8) }

  /// The data of each file, without checksums, in the order of `SegmentFile.all`.
  static let files: [[UInt8]] = {
    do { return try made() } catch { fatalError("no segment: \(error)") }
  }()

  private static func made() throws -> [[UInt8]] {
    let folder = "/dev/shm/engram-fuzz-segment-seed-\(getpid())"
    try? DurableFile.remove(folder)
    try DurableFile.createFolder(folder)
    defer { try? DurableFile.remove(folder) }
    let builder = try SegmentBuilder(
      folder: folder, id: id, normalizer: TermNormalizer(), occurrences: 1 << 16)
    let reader = WordReader()
    var words = Words()
    for document in 0..<40 {
      // "row" stands in more passages than a group of postings holds.
      let text = (0..<24).map { passage in
        (passage + document) % 3 == 0 ? "row table row page" : "row edge 记忆 \(passage)"
      }.joined(separator: " ")
      try Array(text.utf8).withUnsafeBytes { try reader.read($0, into: &words) }
      let spans = stride(from: 0, to: words.words.count, by: 8).map { first in
        let last = min(first + 8, words.words.count)
        return PassageSpan(
          words: first..<last,
          bytes: Int(words.words[first].start)..<Int(words.words[last - 1].start)
            + Int(words.words[last - 1].length))
      }
      let metadata = "{\"id\":\"d\(document)\",\"n\":\(document % 5),\"lang\":[\"zh\",\"en\"]}"
      try Array(metadata.utf8).withUnsafeBytes { metadata in
        try builder.append(
          digest: UInt64(document), textBytes: text.utf8.count, metadata: metadata, words: words,
          spans: spans)
      }
    }
    _ = try builder.finish()
    return try SegmentFile.all.map { name in
      let path = folder + "/" + name
      guard name != SegmentFile.description else { return try DurableFile.read(path) }
      let file = try CheckedFile(path: path, salt: SegmentFile.salt(id, name))
      return withExtendedLifetime(file) { try? Array(file.allBytes()) } ?? []
    }
  }
}
