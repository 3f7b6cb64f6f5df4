import Files
import SeededRandom
import Storage
import TestCheckpoints
import Testing

@testable import PassageIndex

@Suite struct DamageTests {
  private func copy(_ built: MadeSegment, to folder: String) throws {
    try DurableFile.createFolder(folder)
    for name in SegmentFile.all {
      try DurableFile.write(
        String(decoding: [UInt8](), as: UTF8.self), to: folder + "/" + name)
      try DurableFile.read(built.folder + "/" + name).withUnsafeBytes {
        try DurableFile.write($0, to: folder + "/" + name)
      }
    }
  }

  /// Everything that can be asked of a segment.
  private func use(_ folder: String, words: [String], plain: PlainScoring) throws {
    let segment = try Segment(folder: folder, id: "s")
    _ = try segment.checkPostings { _ in }
    for word in words {
      _ = try SearchTests.search(segment, plain, [word, "w1", "w2"], limit: 10)
    }
    _ = try segment.passages(holding: words.map { Array($0.utf8) })
  }

  @Test func anyFlippedBitIsRefused() throws {
    let made = MadeDocuments(count: 120, words: 100, seed: 31)
    let built = try MadeSegment(made)
    let plain = PlainScoring(made.passages)
    var random = SeededGenerator(seed: 32)
    let scratch = try ScratchFolder()
    for name in SegmentFile.all where name != SegmentFile.description {
      let bytes = try DurableFile.read(built.folder + "/" + name)
      for round in 0..<8 {
        let folder = scratch("\(name)-\(round)")
        try copy(built, to: folder)
        var damaged = bytes
        damaged[Int.random(in: 0..<bytes.count, using: &random)] ^=
          1 << UInt8.random(in: 0..<8, using: &random)
        try damaged.withUnsafeBytes { try DurableFile.write($0, to: folder + "/" + name) }
        // A page of passages' places is looked at when one is shown.
        #expect(throws: (any Error).self, "\(name)") {
          try use(folder, words: ["w1", "w5"], plain: plain)
          let segment = try Segment(folder: folder, id: "s")
          for passage in 0..<segment.description.passages {
            _ = try segment.range(ofPassage: passage)
          }
          for document in 0..<segment.description.documents {
            _ = try segment.metadata.values(of: "id", document: document)
          }
        }
      }
    }
  }

  @Test func aMissingFileIsRefused() throws {
    let built = try MadeSegment(MadeDocuments(count: 20, words: 30, seed: 33))
    let scratch = try ScratchFolder()
    for name in SegmentFile.all {
      try copy(built, to: scratch(name))
      try DurableFile.remove(scratch(name) + "/" + name)
      #expect(throws: (any Error).self) { try Segment(folder: scratch(name), id: "s") }
    }
  }

  @Test func anotherSegmentsFileIsRefused() throws {
    let made = MadeDocuments(count: 20, words: 30, seed: 34)
    let built = try MadeSegment(made)
    let other = try MadeSegment(made, id: "t")
    let scratch = try ScratchFolder()
    for name in SegmentFile.all {
      try copy(built, to: scratch(name))
      try DurableFile.read(other.folder + "/" + name).withUnsafeBytes {
        try DurableFile.write($0, to: scratch(name) + "/" + name)
      }
      #expect(throws: (any Error).self) { try Segment(folder: scratch(name), id: "s") }
    }
  }

  /// Bytes that anybody may have written, with checksums that fit: whatever they say, nothing traps.
  @Test func madeUpBytesNeverTrap() throws {
    let made = MadeDocuments(count: 150, words: 60, seed: 35)
    let built = try MadeSegment(made)
    let plain = PlainScoring(made.passages)
    var random = SeededGenerator(seed: 36)
    let scratch = try ScratchFolder()
    var refused = 0
    for round in 0..<240 {
      let folder = scratch("\(round)")
      try copy(built, to: folder)
      let name = SegmentFile.all.dropFirst()[1 + round % (SegmentFile.all.count - 1)]
      let file = try CheckedFile(
        path: folder + "/" + name, salt: SegmentFile.salt("s", name))
      var bytes = try Array(file.allBytes())
      withExtendedLifetime(file) {}
      for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[at] = 0xFF
        case 2: bytes.remove(at: at)
        default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
        }
      }
      try DurableFile.remove(folder + "/" + name)
      let writer = try CheckedFileWriter(
        creating: folder + "/" + name, salt: SegmentFile.salt("s", name))
      try writer.append(bytes)
      try writer.finish()
      do {
        try use(folder, words: ["w1", "w3", "w9"], plain: plain)
      } catch { refused += 1 }
      try DurableFile.remove(folder)
    }
    #expect(refused > 100)
  }
}
