import Foundation
import SeededRandom
import TestCheckpoints
import Testing

@testable import Corpora

@Suite struct TextJSONLinesTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func read(
    _ lines: String, _ change: (inout CorpusOptions) -> Void = { _ in }
  ) throws -> TextReading {
    try folder.file("a.jsonl", lines)
    var options = CorpusOptions()
    change(&options)
    return try folder.read("a.jsonl", .jsonl, options)
  }

  @Test func textAndMetadataComeApart() throws {
    let reading = try read(
      #"{"text":"a\n\u00e9","url":"x","id":7,"score":1.50e+2,"nested":{"b":[1, null ,true],"a":{}}}"#
        + "\n" + #" { "id" : "\u0062" , "text" : "" } "# + "\r\n")
    #expect(reading.texts == ["a\n\u{E9}", ""])
    #expect(
      reading.metadata == [
        #"{"id":7,"nested":{"b":[1,null,true],"a":{}},"score":1.50e+2,"url":"x"}"#,
        #"{"id":"b"}"#,
      ])
    #expect(reading.bad.isEmpty)
  }

  @Test func whatNamesNoDocumentHasNoName() throws {
    let reading = try read("\n{\"text\":\"a\"}\n\n  \n{\"text\":\"b\",\"id\":null}")
    #expect(reading.metadata == ["{}", "{}"])
    #expect(reading.positions.map(\.records) == [1, 2])
  }

  @Test func otherFieldsMayBeTextAndName() throws {
    let reading = try read(
      #"{"content":"a","doc":"n","id":"old"}"# + "\n" + #"{"content":"b","id":3}"# + "\n"
        + #"{"content":"c","language":"de"}"#
    ) {
      $0.textField = "content"
      $0.idField = "doc"
      $0.languageHint = "zh"
    }
    #expect(reading.texts == ["a", "b", "c"])
    #expect(
      reading.metadata == [
        #"{"id":"n","language":"zh"}"#, #"{"id":3,"language":"zh"}"#, #"{"language":"de"}"#,
      ])
  }

  @Test(arguments: [
    ("[1]", "no JSON object"), ("7", "no JSON object"), (#"{"text":"a""#, "no JSON object"),
    (#"{"text":"a"} x"#, "no JSON object"), (#"{"a":1}"#, "no member text"),
    (#"{"text":1}"#, "no string"), (#"{"text":"a","b":1,"b":2}"#, "member b twice"),
    (#"{"text":"a","n":{"b":1,"\u0062":2}}"#, "member b twice"),
    (#"{"text":"a","id":[1]}"#, "id is no string"), (#"{"text":"\ud800"}"#, "no JSON object"),
  ])
  func badLinesAreNamedAndPassed(line: String, reason: String) throws {
    let reading = try read("{\"text\":\"a\"}\n\n\(line)\n{\"text\":\"b\"}\n")
    #expect(reading.texts == ["a", "b"])
    #expect(reading.bad.map(\.record) == [3])
    #expect(reading.bad[0].reason.contains(reason), "\(reading.bad[0])")
    #expect(reading.bad[0].excerpt == Array(line.utf8))
    #expect(!reading.bad[0].endsUnit)
  }

  @Test func whatIsNotUTF8IsNamedByItsByte() throws {
    try folder.file("a.jsonl", Array(#"{"text":""#.utf8) + [0xFF] + Array("\"}\n".utf8))
    let reading = try folder.read("a.jsonl", .jsonl)
    #expect(
      reading.bad.map(\.description) == [
        folder("a.jsonl") + ":1: this line is not UTF-8 at byte 9"
      ])
  }

  @Test(arguments: [100, 1_000_000, 3_000_000])
  func aLineOverTheLimitIsPassed(bytes: Int) throws {
    let long = String(repeating: "x", count: bytes)
    let reading = try read("{\"text\":\"a\"}\n{\"text\":\"\(long)\"}\n{\"text\":\"b\"}\n\(long)") {
      $0.recordLimit = 99
    }
    #expect(reading.texts == ["a", "b"])
    #expect(reading.bad.map(\.record) == [2, 4])
    #expect(reading.bad.allSatisfy { $0.reason.contains("more than 99 bytes") })
    #expect(reading.bad.allSatisfy { $0.excerpt.count <= 4096 })
  }

  @Test func aLineOfTheLimitIsRead() throws {
    let line = "{\"text\":\"\(String(repeating: "x", count: 88))\"}"
    for limit in [98, 99] {
      let reading = try read("\(line)\n\(line)") { $0.recordLimit = limit }
      #expect(reading.documents.count == (line.utf8.count <= limit ? 2 : 0))
    }
    #expect(line.utf8.count == 99)
  }

  @Test func shortTextsAreLeftOut() throws {
    let reading = try read("{\"text\":\"ab\"}\n{\"text\":\"abc\"}\n") { $0.minimumBytes = 3 }
    #expect(reading.texts == ["abc"])
    #expect(reading.leftOut == ["fewer than 3 bytes": 1])
    #expect(reading.positions == [CorpusPosition(records: 2, offset: 29)])
  }

  @Test func aByteOrderMarkAndAnEmptyFileAreNothing() throws {
    #expect(try read("\u{FEFF}{\"text\":\"a\"}").texts == ["a"])
    #expect(try read("{\"text\":\"a\"}\n\u{FEFF}{\"text\":\"b\"}").bad.map(\.record) == [2])
    #expect(try read("").documents.isEmpty)
    #expect(try read("\n\n").bad.isEmpty)
  }

  /// Lines of many lengths, some empty, some bad; with and without a line end at the end.
  private func someLines(seed: UInt64) -> String {
    var generator = SeededGenerator(seed: seed)
    var text = ""
    for number in 0..<Int.random(in: 1..<60, using: &generator) {
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: text += "\n"
      case 1: text += "bad\n"
      case 2: text += "{\"id\":\(number),\"text\":\"named\"}\n"
      default:
        let length = Int.random(in: 0..<80, using: &generator)
        text += "{\"text\":\"\(String(repeating: "x", count: length))\"}\n"
      }
    }
    if seed % 2 == 0 { text.removeLast() }
    return text
  }

  @Test(arguments: 0..<12)
  func readingGoesOnFromEveryPlace(seed: UInt64) throws {
    try folder.file("a.jsonl", someLines(seed: seed))
    let unit = CorpusUnit(path: folder("a.jsonl"), name: "a.jsonl", format: .jsonl)
    let whole = try TextReading([unit], bytes: 100)
    for (index, position) in whole.positions.enumerated() {
      let rest = try TextReading([unit], from: position)
      #expect(rest.documents == Array(whole.documents.dropFirst(index + 1)))
      #expect(rest.positions == Array(whole.positions.dropFirst(index + 1)))
    }
  }

  @Test(arguments: 0..<12)
  func partsGiveWhatTheFileGives(seed: UInt64) throws {
    let bytes = Array(someLines(seed: seed).utf8)
    try folder.file("a.jsonl", bytes)
    var unit = CorpusUnit(path: folder("a.jsonl"), name: "a.jsonl", format: .jsonl)
    unit.size = bytes.count
    let whole = try TextReading([unit])
    for partBytes in [1, 7, 33, 100, 1000] {
      let parts = LineCounts.parts(of: unit, bytes: partBytes)
      #expect(parts.count == max(1, (bytes.count + partBytes - 1) / partBytes))
      let inOrder = try TextReading(parts)
      #expect(inOrder.documents == whole.documents)
      #expect(inOrder.bad == whole.bad)
      // Last part first: the lines before it are counted then, not noted.
      let alone = LineCounts.parts(of: unit, bytes: partBytes).reversed()
      let backwards = try alone.map { try TextReading([$0]) }.reversed()
      #expect(backwards.flatMap(\.documents) == whole.documents)
      #expect(backwards.flatMap(\.bad) == whole.bad)
      for part in parts {
        let reading = try TextReading([part])
        for (index, position) in reading.positions.enumerated() {
          let rest = try TextReading([part], from: position)
          #expect(rest.documents == Array(reading.documents.dropFirst(index + 1)))
        }
      }
    }
  }

  @Test func aFileThatWasWrittenSinceItWasListedIsRefused() throws {
    let path = try folder.file("a.jsonl", "{\"text\":\"a\"}\n")
    let unit = try #require(CorpusPlan.scan([path], options: CorpusOptions()).units.first)
    try folder.file("a.jsonl", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n")
    let reading = try TextReading([unit])
    #expect(reading.documents.isEmpty)
    #expect(reading.bad.map(\.endsUnit) == [true])
    #expect(reading.bad[0].reason.contains("changed while it was read"))
  }

  @Test func aFileThatIsWrittenMeanwhileIsReported() throws {
    let path = try folder.file("a.jsonl", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n")
    let unit = CorpusUnit(path: path, name: "a", format: .jsonl)
    let reader = try unit.makeReader(options: CorpusOptions(), kind: .document)
    #expect(try reader.nextBatch(bytes: 1)?.ends.count == 1)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("{\"text\":\"c\"}\n".utf8))
    var bad: [BadRecord] = []
    while let batch = try reader.nextBatch(bytes: 1 << 20) { bad += batch.bad }
    #expect(bad.map(\.endsUnit) == [true])
    #expect(bad[0].reason.contains("changed while it was read"))
  }

  @Test func noiseIsNeverACrash() throws {
    var generator = SeededGenerator(seed: 5)
    let line = Array(#"{"text":"a\u00e9\n","id":1,"m":[{"x":-1.5e3},null]}"#.utf8)
    var bytes: [UInt8] = []
    for _ in 0..<3000 {
      var damaged = line
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        damaged[Int.random(in: 0..<line.count, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      bytes += damaged + [0x0A]
    }
    try folder.file("a.jsonl", bytes)
    let reading = try folder.read("a.jsonl", .jsonl)
    #expect(reading.documents.count + reading.bad.count >= 3000)
  }
}
