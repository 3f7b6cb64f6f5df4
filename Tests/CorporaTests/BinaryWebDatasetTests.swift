import Files
import Foundation
import Samples
import SeededRandom
import TestCheckpoints
import Testing

@testable import Corpora

/// Tars of samples: both ways, names that would leave the folder, and damage.
@Suite struct BinaryWebDatasetTests {
  private let scratch: ScratchFolder
  private var unit: CorpusUnit {
    CorpusUnit(path: scratch("a.tar"), name: "a.tar", format: .webdataset)
  }

  init() throws { scratch = try ScratchFolder() }

  private func make(_ members: [(String, String)]) throws {
    let tar = try TarWriter(creating: scratch("a.tar"))
    for (name, text) in members {
      try Array(text.utf8).withUnsafeBytes { try tar.append(name, $0) }
    }
    try tar.finish()
  }

  /// A head of the old tar format, for what our writer does not write.
  private func head(_ name: String, type: Character, size: Int = 0, link: String = "") -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ offset: Int) {
      bytes.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    put(name, 0)
    put("0000644", 100)
    put("0000000", 108)
    put("0000000", 116)
    let octal = String(size, radix: 8)
    put(String(repeating: "0", count: 11 - octal.count) + octal, 124)
    put("00000000000", 136)
    put(String(type), 156)
    put(link, 157)
    put("ustar\u{0}00", 257)
    let sum = bytes.reduce(8 * 32) { $0 + Int($1) }
    let digits = String(sum, radix: 8)
    put(String(repeating: "0", count: 6 - digits.count) + digits + "\u{0} ", 148)
    return bytes
  }

  private func read(
    kind: SampleKind = .document, tokens: TokenLayout? = nil,
    from position: CorpusPosition = CorpusPosition(), options: CorpusOptions = CorpusOptions()
  ) throws -> BinaryReading {
    try BinaryReading(
      unit, options: options, kind: kind, tokens: tokens, from: position, batch: 200)
  }

  @Test func membersOfAKeyAreASample() throws {
    try make([
      ("a/1.txt", "one"), ("a/1.json", #"{"x": 1.0, "id": "first"}"#), ("a/1.cls", "7"),
      ("a/2.json", #"{"text": "two", "lang": "de"}"#),
      ("./3.v1.md", "three"), ("./3.png", "\u{0}binary"), ("4.TXT", "four"),
    ])
    let reading = try read()
    let documents = try reading.documents()
    #expect(documents.map(\.text) == ["one", "two", "three", "four"])
    #expect(
      documents.map(\.metadata) == [
        #"{"cls":"7","id":"first","x":1.0}"#, #"{"id":"a/2","lang":"de"}"#, #"{"id":"3"}"#,
        #"{"id":"4"}"#,
      ])
    #expect(reading.bad.isEmpty && reading.leftOut == ["binary member .png": 1])
    for (number, position) in reading.positions.enumerated() {
      #expect(position.records == number + 1)
      #expect(try read(from: position).samples == Array(reading.samples[(number + 1)...]))
    }
  }

  @Test func badMembersAreBadRecordsAndReadingGoesOn() throws {
    try make([
      ("../up.txt", "x"), ("/abs.txt", "x"), ("a/../b.txt", "x"), ("ok.txt", "yes"),
      ("n.cls", "no text"), ("t.txt", "1"), ("t.TXT", "2"), ("j.txt", "t"), ("j.json", "[1]"),
      ("d.txt", "t"), ("d.json", #"{"a":1,"a":2}"#), ("e.json", #"{"text":5}"#), ("end.txt", "z"),
    ])
    let reading = try read()
    #expect(try reading.documents().map(\.text) == ["yes", "z"])
    #expect(reading.bad.map(\.record) == [1, 2, 3, 5, 6, 7, 8, 9])
    #expect(reading.bad[0].member == "../up.txt" && reading.bad[0].reason.contains(".."))
    #expect(reading.bad[1].reason.contains("absolute"))
    #expect(reading.bad.allSatisfy { !$0.endsUnit })
    for (number, position) in reading.positions.enumerated() {
      #expect(try read(from: position).samples == Array(reading.samples[(number + 1)...]))
    }
  }

  @Test func linksAndDevicesAreBadAndFoldersAreNothing() throws {
    let bytes =
      head("d", type: "5") + head("l.txt", type: "2", link: "/etc/passwd")
      + head("h.txt", type: "1", link: "l.txt") + head("f.txt", type: "6")
      + head("t.txt", type: "0", size: 1) + [0x74] + [UInt8](repeating: 0, count: 511 + 1024)
    _ = try scratch.write(bytes, "a.tar")
    let reading = try read()
    #expect(try reading.documents().map(\.text) == ["t"])
    #expect(reading.bad.map(\.member) == ["l.txt", "h.txt", "f.txt"])
  }

  @Test func everyMemberIsASampleOfBytes() throws {
    try make([("a.txt", "x"), ("a.json", "{}"), ("b", "\u{0}")])
    let reading = try read(kind: .bytes)
    #expect(reading.samples == [[0x78], [0x7B, 0x7D], [0]])
    #expect(try read(kind: .bytes, from: reading.positions[0]).samples.count == 2)
    var options = CorpusOptions()
    options.recordLimit = 1
    let limited = try read(kind: .bytes, options: options)
    #expect(limited.samples.count == 2 && limited.bad.map(\.member) == ["a.json"])
  }

  @Test func samplesGoOutAndComeBack() throws {
    var generator = SeededGenerator(seed: 21)
    let documents = (0..<40).map { number in
      documentBytes(
        #"{"id":"\#(number)","n":[1.0]}"#,
        String(repeating: "ü", count: Int.random(in: 0...3000, using: &generator)))
    }
    let layout = TokenLayout(width: 2, hasBoundaries: true)
    let tokens = (0..<40).map { _ in
      var bytes: [UInt8] = []
      let ids = (0..<50).map { _ in UInt32.random(in: 0...65535, using: &generator) }
      layout.append(ids: ids, starts: [3, 9], to: &bytes)
      return bytes
    }
    let blobs = (0..<40).map { _ in generator.bytes(Int.random(in: 0...2000, using: &generator)) }
    let cases: [(SampleKind, TokenLayout?, [[UInt8]])] = [
      (.document, nil, documents), (.tokens, layout, tokens), (.bytes, nil, blobs),
    ]
    for (kind, layout, samples) in cases {
      let form = try WrittenForm(kind, layout, format: .webdataset)
      let writer = try WebDatasetWriter(scratch("w"), form, overwrite: true, shardBytes: 20_000)
      for (number, sample) in samples.enumerated() {
        try sample.withUnsafeBytes { try writer.append($0, number: number) }
      }
      try writer.finish()
      let names = try DurableFile.names(in: scratch("w"))
      #expect(names.count > 2 && names[1] == "w-000001.tar")
      var back: [[UInt8]] = []
      for name in names {
        let unit = CorpusUnit(path: scratch("w/\(name)"), name: name, format: .webdataset)
        var options = CorpusOptions()
        options.kind = kind == .bytes ? .bytes : nil
        let found = try BinaryCorpora.units(for: unit, options: options)
        #expect(found.kind == kind && found.tokens == layout)
        let reading = try BinaryReading(unit, kind: kind, tokens: found.tokens, batch: 5000)
        #expect(reading.bad.isEmpty)
        back += reading.samples
      }
      #expect(back == samples)
    }
  }

  @Test func theSameSamplesAreTheSameTar() throws {
    let samples = [documentBytes(#"{"id":1}"#, "x")]
    try write(samples, .webdataset, to: scratch("w"), kind: .document)
    let first = try DurableFile.read(scratch("w/w-000000.tar"))
    usleep(1_100_000)
    try write(samples, .webdataset, to: scratch("w"), kind: .document, overwrite: true)
    #expect(try DurableFile.read(scratch("w/w-000000.tar")) == first)
  }

  @Test func tarsBehindOneAnotherAreRead() throws {
    try make([("a.txt", "1")])
    let first = try DurableFile.read(scratch("a.tar"))
    try make([("b.txt", "2")])
    let second = try DurableFile.read(scratch("a.tar"))
    _ = try scratch.write(first + second, "a.tar")
    let reading = try read()
    #expect(try reading.documents().map(\.text) == ["1", "2"] && reading.bad.isEmpty)
    #expect(try read(from: reading.positions[0]).samples == [reading.samples[1]])
  }

  @Test func aTarCutBetweenMembersIsCutOff() throws {
    try make([("a.txt", "1"), ("b.txt", "2")])
    let bytes = try DurableFile.read(scratch("a.tar"))
    for count in [0, 1024, 2048, 2560] {
      _ = try scratch.write(Array(bytes[..<count]), "a.tar")
      let reading = try read()
      // The last sample may lack members: it is not given.
      #expect(reading.samples.count == (count < 2048 ? 0 : 1))
      #expect(reading.bad.count == 1 && reading.bad[0].endsUnit, "cut at \(count)")
    }
  }

  @Test func damageIsNoCrash() throws {
    try make([
      ("a.txt", "one"), ("a.json", #"{"x":1}"#), ("b.txt", String(repeating: "x", count: 600)),
    ])
    let bytes = try DurableFile.read(scratch("a.tar"))
    let (prefixes, _) = try beHostile(bytes, flips: 1000, seed: 22) {
      _ = try scratch.write($0, "a.tar")
      return try read()
    }
    // Cut in the mark of the end, or in the zeros before it that look like one.
    #expect(prefixes >= (bytes.count - 1024) / (bytes.count < 4096 ? 1 : 7))
    let huge = head("a.txt", type: "0", size: 0o7777_7777_777) + [0x61]
    _ = try scratch.write(huge, "a.tar")
    #expect(try read().bad.count >= 1)
  }
}
