import Files
import Foundation
import MemoryBuilder
import MemoryTables
import Safetensors
import SeededRandom
import Storage
import TestCheckpoints
import Testing

@Suite struct GraftTests {
  @Test(arguments: [TensorType.f32, .f64, .f16, .bf16])
  func everyNgramFindsItsOwnVector(type: TensorType) throws {
    let fixture = try GraftFixture()
    try fixture.writeVectors(type: type)
    let table = try fixture.load()
    let keys = try table.exactKeys()
    for (place, ngram) in fixture.ngrams.enumerated() {
      let row = try #require(try keys.rows(for: ngram).last)
      let expected = fixture.values[place * 24..<place * 24 + 24].map { value -> Float in
        switch type {
        case .f16: Float(Float16(value))
        case .bf16: Float(bitPattern: value.bitPattern & 0xFFFF_0000)
        default: value
        }
      }
      #expect(try table.gatherFloats([row]) == expected)
    }
    #expect(try TableGraft.vectorsMetadata(of: table)["layer"] == "2")
  }

  @Test(arguments: [RowCodec.bfloat16, .float16, .fp8E4M3ScaledBy32, .fp8E4M3])
  func rowsAreTheVectorsInTheCodecsPrecision(codec: RowCodec) throws {
    let relative: Float =
      switch codec {
      case .bfloat16: 0x1p-8
      case .float16: 0x1p-11
      default: 0x1p-4
      }
    let fixture = try GraftFixture()
    let table = try fixture.load(codec)
    let keys = try table.exactKeys()
    for (place, ngram) in fixture.ngrams.enumerated() {
      let row = try table.gatherFloats([try #require(try keys.rows(for: ngram).last)])
      for (column, found) in row.enumerated() {
        let value = fixture.values[place * fixture.width + column]
        #expect(abs(found - value) <= relative * max(abs(value), 0.05))
      }
    }
  }

  @Test func aConvertedTableKeepsItsNgrams() throws {
    let fixture = try GraftFixture()
    let table = try fixture.load()
    let store = try Store(path: fixture.storePath, mode: .writing)
    _ = try TableConversion(codec: .bfloat16, name: "h").run(table, in: store)
    let converted = try Table(TableReference(name: "h"), in: store)
    for ngram in fixture.ngrams {
      #expect(
        try converted.exactKeys().matches(for: ngram) == table.exactKeys().matches(for: ngram))
    }
    #expect(try Table.verify(converted.published, in: store).problems == [])
  }

  @Test func aListThatIsWrongNamesTheLine() throws {
    let fixture = try GraftFixture(count: 4)
    let good = fixture.lines()
    func changed(_ index: Int, _ line: String) -> [String] {
      var lines = good
      lines[index] = line
      return lines
    }
    let bad: [([String], String)] = [
      ([], "it is empty"), (["{}"], "engram-ngrams"), (["[1]"], "no JSON object"),
      (
        changed(0, good[0].replacingOccurrences(of: "\"version\":1", with: "\"version\":2")),
        "version 2"
      ),
      (changed(0, good[0].replacingOccurrences(of: "raw", with: "cooked")), "neither raw nor"),
      (changed(0, good[0].replacingOccurrences(of: "raw", with: "mapped")), "no compressed"),
      (changed(0, good[0].replacingOccurrences(of: ":50", with: ":0")), "no vocabulary"),
      (changed(2, "{\"tokens\":[1,2}"), "line 3"), (changed(2, ""), "line 3"),
      (changed(2, "{\"tokens\":[]}"), "line 3"), (changed(2, "{\"tokens\":[50]}"), "line 3"),
      (changed(2, "{\"tokens\":[-1]}"), "line 3"), (changed(2, "{\"tokens\":[1.5]}"), "line 3"),
      (changed(2, "{\"tokens\":[99999999999999999999]}"), "line 3"),
      (changed(2, "{\"tokens\":\"1\"}"), "line 3"), (changed(2, "{\"raw\":[1]}"), "line 3"),
      (changed(2, "{\"tokens\":[1],\"tokens\":[2]}"), "line 3"),
      (changed(2, String(repeating: "[", count: 100_000)), "line 3"),
      (
        changed(2, "{\"text\":\"\(String(repeating: "x", count: 2 << 20))\",\"tokens\":[1]}"),
        "line 3"
      ),
      (
        changed(2, "{\"tokens\":[\(Array(repeating: "1", count: 65).joined(separator: ","))]}"),
        "65 tokens"
      ),
      (changed(4, good[2]), "lines 3 and 5"), (good.dropLast(), "has 3 N-grams"),
      (good + ["{\"tokens\":[1,2,3]}"], "has 5 N-grams"),
      (changed(0, fixture.header(1 << 40)), "no ngrams"),
    ]
    for (lines, words) in bad {
      try fixture.writeList(lines)
      #expect {
        try GraftList(readingFrom: fixture.listPath)
      } throws: { error in
        let message = "\(error)"
        return message.contains(words) && message.contains(fixture.listPath)
          && !message.contains("\n") && message.utf8.count < 400
      }
    }
    try fixture.writeList(good)
    #expect(try GraftList(readingFrom: fixture.listPath).ngrams.count == 4)
  }

  @Test func noChangeOfAListsBytesDoesMoreThanAnErrorOfOneLine() throws {
    let fixture = try GraftFixture(count: 6)
    let good = try DurableFile.read(fixture.listPath)
    var generator = SeededGenerator(seed: 41)
    var refused = 0
    for _ in 0..<600 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        default: bytes.insert(bytes.randomElement(using: &generator)!, at: place)
        }
      }
      try bytes.withUnsafeBytes { try DurableFile.write($0, to: fixture.listPath) }
      do {
        let list = try GraftList(readingFrom: fixture.listPath)
        #expect(list.ngrams.count == list.header.ngrams)
      } catch {
        refused += 1
        #expect(error is GraftError && !"\(error)".contains("\n"))
      }
    }
    #expect((100..<600).contains(refused))
  }

  @Test func vectorsThatAreWrongAreRefusedAndNothingIsLost() throws {
    let fixture = try GraftFixture(count: 40)
    try fixture.load()
    func expectRefusal(_ words: String..., change: (inout TableGraft) -> Void = { _ in }) throws {
      #expect {
        try fixture.load(change: change)
      } throws: { error in
        let message = "\(error)"
        return words.allSatisfy(message.contains) && !message.contains("\n")
      }
      #expect(try fixture.published() == 1)
    }
    try fixture.writeVectors(rows: 39)
    try expectRefusal("39 vectors for 40")
    try fixture.writeVectors(rows: 41)
    try expectRefusal("41 vectors for 40")
    try fixture.writeVectors { $0[24 * 7 + 3] = .nan }
    try expectRefusal("vector 7", "nan at place 3")
    try fixture.writeVectors { $0[24 * 39] = -.infinity }
    try expectRefusal("vector 39", "-inf at place 0")
    try expectRefusal("vector 39", "-inf at place 0") { $0.codec = .fp8E4M3 }
    try fixture.writeVectors(type: .i32)
    try expectRefusal("I32")
    try fixture.writeVectors(metadata: ["ngrams": String(repeating: "0", count: 64)])
    try expectRefusal("computed for the list", "0000")
    try fixture.writeVectors()
    try expectRefusal("bad name") { $0.name = "bad name" }
    try expectRefusal("none") { $0.tensor = "none" }
    try fixture.writeVectors(metadata: [:])
    #expect(try fixture.load().manifest.version == 2)
  }

  @Test(.enabled(if: SmallDisk.isAvailable, "needs the right to mount a small file system (root)"))
  func aFullDiskLosesNothing() throws {
    let disk = try SmallDisk(size: "12m")
    let fixture = try GraftFixture(count: 2000, width: 64)
    let list = try GraftList(readingFrom: fixture.listPath)
    let file = try SafetensorsFile(path: fixture.vectorsPath)
    func load(_ progress: @escaping TableWriter.Progress = { _, _ in }) throws {
      let store = try Store(path: disk.path + "/store", mode: .writing)
      _ = try TableGraft(name: "g", list: list).run(from: file, into: store, progress: progress)
    }
    try load()
    for rest in [0, 100_000, 1 << 20, 4 << 20, 4_300_000] {
      do {
        try load { done, total in disk.fill(leaving: rest) }
      } catch {
        #expect(!"\(error)".contains("\n"))
        #expect("\(error)".contains("free some space") || "\(error)".contains("No space left"))
        let store = try Store(path: disk.path + "/store", mode: .reading)
        #expect(try store.publishedTables().map(\.version) == [1])
      }
      try disk.empty()
    }
    #expect(
      try Table(TableReference(name: "g"), in: Store(path: disk.path + "/store", mode: .reading))
        .exactKeys().rows(for: fixture.ngrams[5]).last ?? -1 >= 0)
  }
}
