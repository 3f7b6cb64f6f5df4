import Bitsets
import Files
import Foundation
import Questions
import SeededRandom
import Storage
import TestCheckpoints
import Testing

@testable import MetadataColumns

@Suite struct MetadataColumnsTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func columns(_ documents: [String], _ name: String = "m") throws -> MetadataColumns {
    let writer = try MetadataColumnsWriter(creating: folder(name), salt: "s")
    for document in documents { try Array(document.utf8).withUnsafeBytes { try writer.add($0) } }
    try writer.finish()
    return try MetadataColumns(path: folder(name), salt: "s")
  }

  private func matching(_ columns: MetadataColumns, _ conditions: String...) throws -> [Int] {
    let set = try columns.documents(matching: conditions.map { try Condition(parsing: $0) })
    return (0..<set.count).filter(set.contains)
  }

  @Test func conditionsHoldAsForPlainLists() throws {
    var random = RandomMetadata(seed: 11)
    let documents = (0..<300).map { _ in random.document() }
    let columns = try columns(documents.map(\.json))
    #expect(columns.documents == 300)
    #expect(columns.fields == ["a.b", "a.c.d", "flag", "lang", "path", "year"])
    for _ in 0..<2_000 {
      let conditions = [random.condition(), random.condition()]
      for some in [[conditions[0]], conditions] {
        let set = try columns.documents(matching: some)
        let expected = documents.indices.filter { index in
          some.allSatisfy { documents[index].meets($0) }
        }
        #expect((0..<300).filter(set.contains) == expected, "\(some.map(\.description))")
      }
    }
    for (index, document) in documents.enumerated() {
      for field in columns.fields {
        #expect(
          try columns.values(of: field, document: index) == document.values(field).map(\.text))
      }
    }
  }

  @Test func mergedFilesAreThoseOfTheDocumentsThatWereLeft() throws {
    var random = RandomMetadata(seed: 12)
    let first = (0..<100).map { _ in random.document() }
    let second = (0..<50).map { _ in random.document() }
    let (left, right) = (
      try columns(first.map(\.json), "l"), try columns(second.map(\.json), "r")
    )
    let writer = try MetadataColumnsWriter(creating: folder("merged"), salt: "s")
    for document in 0..<100 where document % 3 != 0 {
      try writer.add(from: left, document: document)
    }
    for document in 0..<50 { try writer.add(from: right, document: document) }
    try writer.finish()
    let kept = first.enumerated().filter { $0.offset % 3 != 0 }.map(\.element) + second
    _ = try columns(kept.map(\.json), "fresh")
    let files = try ["merged", "fresh"].map { try DurableFile.read(folder($0)) }
    #expect(files[0] == files[1])
  }

  @Test func whatIsNoObjectHasNoMembers() throws {
    let columns = try columns([
      "", "[1]", "{", "{\"a\":1,}", "null", "7", "{\"a\":null,\"b\":[],\"c\":{}}", "{\"a\":2}",
      "\u{FF}",
    ])
    #expect(columns.documents == 9)
    #expect(columns.fields == ["a"])
    #expect(try matching(columns, "a=2") == [7])
    #expect(try matching(columns, "a!=2") == [0, 1, 2, 3, 4, 5, 6, 8])
    #expect(try matching(columns, "b!=2").count == 9)
    #expect(try matching(columns, "b=*").isEmpty)
    #expect(columns.hasField("a") && !columns.hasField("b"))
    #expect(try columns.values(of: "b", document: 0).isEmpty)
  }

  @Test func largeIntegersAreExact() throws {
    let columns = try columns([
      "{\"n\":9007199254740992}", "{\"n\":9007199254740993}", "{\"n\":1.0}", "{\"n\":-0.0}",
    ])
    #expect(try matching(columns, "n=9007199254740993") == [1])
    #expect(try matching(columns, "n>9007199254740992") == [1])
    #expect(try columns.values(of: "n", document: 2) == ["1"])
    #expect(try columns.values(of: "n", document: 3) == ["0"])
  }

  @Test func stringsCompareByBytes() throws {
    // The same text to a reader, other bytes.
    let columns = try columns(["{\"t\":\"\u{E9}\"}", "{\"t\":\"e\u{301}\"}", "{\"t\":\"中\"}"])
    #expect(try matching(columns, "t=\u{E9}") == [0])
    #expect(try matching(columns, "t=?") == [0, 2])
    #expect(try matching(columns, "t>f") == [0, 2])
  }

  @Test func longValuesAndManyFieldsAreCut() throws {
    let long = String(repeating: "é", count: 3_000)
    let many = (0..<1_200).map { "\"f\($0)\":\($0)" }.joined(separator: ",")
    let columns = try columns(["{\"t\":\"a\(long)\"}", "{\(many)}", "{\"\(long)\":1}"])
    #expect(try columns.values(of: "t", document: 0)[0].utf8.count == 4_095)
    #expect(columns.fields.count == 1_024)
    #expect(columns.ignored == 1_200 - 1_023 + 1)
  }

  @Test func noDocumentsAreNoTrouble() throws {
    let columns = try columns([])
    #expect(columns.documents == 0 && columns.fields.isEmpty)
    #expect(try matching(columns, "a!=1").isEmpty)
  }

  @Test func foreignAndChangedFilesAreRefused() throws {
    _ = try columns(["{\"a\":1}"])
    #expect(throws: StorageError.self) { try MetadataColumns(path: folder("m"), salt: "t") }
    var bytes = try DurableFile.read(folder("m"))
    bytes[20] ^= 1
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: folder("m")) }
    #expect(throws: StorageError.self) { try MetadataColumns(path: folder("m"), salt: "s") }
  }

  @Test func hostileFilesNeverCrash() throws {
    var random = RandomMetadata(seed: 13)
    var generator = SeededGenerator(seed: 14)
    let documents = (0..<20).map { _ in random.document() }
    _ = try columns(documents.map(\.json))
    let file = try CheckedFile(path: folder("m"), salt: "s")
    let data = try withExtendedLifetime(file) { Array(try file.allBytes()) }
    var refused = 0
    for round in 0..<600 {
      var changed = data
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        // Mostly what tells where things are.
        let end = round % 3 == 0 ? data.count : min(data.count, 32 + 64 * 6)
        let at = Int.random(in: 8..<end, using: &generator)
        changed[at] =
          round % 2 == 0
          ? UInt8.random(in: 0...255, using: &generator) : [0, 1, 0x7F, 0xFF][round % 4]
      }
      if round % 7 == 0 { changed.removeLast(Int.random(in: 1..<changed.count, using: &generator)) }
      let writer = try CheckedFileWriter(creating: folder("h"), salt: "s")
      try writer.append(changed)
      try writer.finish()
      do {
        let columns = try MetadataColumns(path: folder("h"), salt: "s")
        for _ in 0..<5 { _ = try columns.documents(matching: [random.condition()]) }
        for field in columns.fields {
          for document in 0..<min(20, columns.documents) {
            _ = try columns.values(of: field, document: document)
          }
        }
        let merged = try MetadataColumnsWriter(creating: folder("merged"), salt: "s")
        for document in 0..<min(20, columns.documents) {
          try merged.add(from: columns, document: document)
        }
        try merged.finish()
      } catch is StorageError { refused += 1 }
    }
    #expect(refused > 50)
  }
}
