import Bitsets
import Files
import SeededRandom
import TestCheckpoints
import Testing

@testable import PassageIndex

@Suite struct MergeTests {
  /// Files of a folder, but for the description's name of the segment.
  private func files(_ folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try DurableFile.names(in: folder) {
      files[name] = try DurableFile.read(folder + "/" + name)
    }
    return files
  }

  @Test func mergedSegmentsAreThoseBuiltAtOnce() throws {
    let made = MadeDocuments(count: 300, words: 400, seed: 21)
    var random = SeededGenerator(seed: 22)
    for round in 0..<4 {
      // Three parts; of the second one some documents are gone.
      let cuts = [0, 90, 200, made.documents.count]
      let parts = try (0..<3).map { part in
        try MadeSegment(
          made.documents(Array(cuts[part]..<cuts[part + 1])), id: "p\(part)", digest: cuts[part])
      }
      var kept = Array(0..<made.documents.count)
      var alive: Bitset?
      if round > 0 {
        var set = Bitset(count: 110, filled: true)
        for document in 0..<110 where Int.random(in: 0..<round + 1, using: &random) == 0 {
          set.remove(document)
          kept.removeAll { $0 == 90 + document }
        }
        alive = set
      }
      let scratch = try ScratchFolder()
      try DurableFile.createFolder(scratch("merged"))
      let description = try SegmentMerger(
        parts.enumerated().map { number, part in
          .init(part.segment, alive: number == 1 ? alive : nil)
        }
      ).write(to: scratch("merged"), id: "m")
      let merged = try Segment(folder: scratch("merged"), id: "m")
      #expect(description.documents == kept.count)
      // Built at once, of the same documents with the same digests.
      let plain = PlainScoring(made.documents(kept).passages)
      #expect(description.passages == plain.passages.count)
      for (document, number) in kept.enumerated() {
        #expect(merged.digest(ofDocument: document) == UInt64(number))
      }
      for _ in 0..<200 {
        let words = (0..<3).map { _ in MadeDocuments.word(400, &random) }
        let found = try SearchTests.search(merged, plain, words, limit: 10)
        let expected = SearchTests.plainly(merged, plain, words, limit: 10)
        #expect(found.map(\.passage) == expected.map(\.passage))
        #expect(found.map(\.score) == expected.map(\.score))
      }
      _ = try merged.checkPostings { _ in }
    }
  }

  @Test func mergingOneSegmentGivesItsBytes() throws {
    let built = try MadeSegment(MadeDocuments(count: 200, words: 300, seed: 23), id: "m")
    let scratch = try ScratchFolder()
    try DurableFile.createFolder(scratch("merged"))
    _ = try SegmentMerger([.init(built.segment)]).write(to: scratch("merged"), id: "m")
    #expect(try files(scratch("merged")) == files(built.folder))
  }

  @Test func lostPostingsAreCounted() throws {
    let made = MadeDocuments(count: 300, words: 200, seed: 24)
    let built = try MadeSegment(made)
    var lost = Bitset(count: built.segment.description.passages)
    for passage in 0..<lost.count where passage % 3 == 0 { lost.insert(passage) }
    let counts = try LostPostings(of: built.segment, passages: lost)
    let passages = made.passages
    var expected: [String: Int] = [:]
    for passage in passages.indices where lost.contains(passage) {
      for word in Set(passages[passage]) { expected[word, default: 0] += 1 }
    }
    #expect(expected.count > 50)
    for rank in 1..<200 {
      guard let entry = try built.segment.entry(of: Array("w\(rank)".utf8)) else { continue }
      #expect(counts.count(ofTerm: entry.ordinal) == expected["w\(rank)"] ?? 0)
    }
    let read = counts.bytes.withUnsafeBytes { LostPostings($0) }
    #expect(read?.terms == counts.terms && read?.counts == counts.counts)
    #expect(Array(counts.bytes.dropLast()).withUnsafeBytes { LostPostings($0) } == nil)
  }
}
