import Files
import Foundation
import Samples
import SeededRandom
import TestCheckpoints
import Testing

@testable import Corpora

/// Folders of MosaicML streaming shards: both ways, hand-made columns, and damaged.
@Suite struct BinaryMDSTests {
  private let scratch: ScratchFolder
  private var unit: CorpusUnit { CorpusUnit(path: scratch("d"), name: "d", format: .mds) }

  init() throws { scratch = try ScratchFolder() }

  private func write(
    _ samples: [[UInt8]], kind: SampleKind, tokens: TokenLayout? = nil, shardBytes: Int
  ) throws {
    let form = try WrittenForm(kind, tokens, format: .mds)
    let writer = try MDSFolderWriter(scratch("d"), form, overwrite: true, shardBytes: shardBytes)
    for (number, sample) in samples.enumerated() {
      try sample.withUnsafeBytes { try writer.append($0, number: number) }
    }
    try writer.finish()
  }

  /// A folder of one shard, put together by hand.
  private func make(
    _ columns: [(name: String, encoding: String, size: Int?)], rows: [[UInt8]],
    shard name: String = "shard.00000.mds"
  ) throws {
    try DurableFile.createFolder(scratch("d"))
    let start = 4 * (rows.count + 2)
    var bytes = little(rows.count, 4) + little(start, 4)
    var end = start
    for row in rows {
      end += row.count
      bytes += little(end, 4)
    }
    bytes += rows.flatMap { $0 }
    _ = try scratch.write(bytes, "d/shard.00000.mds")
    let list = { (values: [String]) in "[" + values.joined(separator: ",") + "]" }
    let index = """
      {"version":2,"shards":[{"version":2,"format":"mds","samples":\(rows.count),"hashes":[],
      "compression":null,"size_limit":1,"zip_data":null,
      "raw_data":{"basename":"\(name)","bytes":\(bytes.count),"hashes":{}},
      "column_names":\(list(columns.map { "\"\($0.name)\"" })),
      "column_encodings":\(list(columns.map { "\"\($0.encoding)\"" })),
      "column_sizes":\(list(columns.map { $0.size.map(String.init) ?? "null" }))}]}
      """
    _ = try scratch.write(Array(index.utf8), "d/index.json")
  }

  @Test func documentsGoOutAndComeBack() throws {
    var generator = SeededGenerator(seed: 11)
    let samples = (0..<80).map { number in
      documentBytes(
        number % 3 == 0
          ? #"{"id":\#(number),"n":1.50,"z":{"a":[1, 2]}}"#
          : #"{"id":"d\"\#(number)","path":"a/b"}"#,
        String(repeating: "é\n", count: Int.random(in: 0...90, using: &generator)))
    }
    try write(samples, kind: .document, shardBytes: 2000)
    #expect(try DurableFile.names(in: scratch("d")).count > 5, "one shard tests little")
    let (units, kind, tokens) = try BinaryCorpora.units(for: unit, options: CorpusOptions())
    #expect(units.count == 1 && kind == .document && tokens == nil)
    let all = try BinaryReading(unit, kind: .document, batch: 300)
    #expect(all.samples == samples && all.bad.isEmpty)
    for lower in stride(from: 0, through: 80, by: 13) {
      let position = CorpusPosition(records: lower)
      let rest = try BinaryReading(unit, kind: .document, from: position)
      #expect(rest.samples == Array(samples[lower...]))
      var part = unit
      part.part = lower..<min(80, lower + 20)
      #expect(
        try BinaryReading(part, kind: .document).samples
          == Array(samples[lower..<min(80, lower + 20)]))
    }
  }

  @Test func tokensAndBytesGoOutAndComeBack() throws {
    var generator = SeededGenerator(seed: 12)
    for layout in [
      TokenLayout(width: 2), TokenLayout(width: 4), TokenLayout(width: 2, hasBoundaries: true),
    ] {
      let samples = (0..<40).map { number in
        let ids = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
          UInt32.random(in: 0...(layout.width == 2 ? 65535 : .max), using: &generator)
        }
        var bytes: [UInt8] = []
        layout.append(
          ids: ids, starts: number % 2 == 0 ? [] : [0, ids.count + 0].filter { $0 < 1 }, to: &bytes)
        return bytes
      }
      try write(samples, kind: .tokens, tokens: layout, shardBytes: 1500)
      let (_, kind, tokens) = try BinaryCorpora.units(for: unit, options: CorpusOptions())
      #expect(kind == .tokens && tokens == layout)
      let reading = try BinaryReading(unit, kind: .tokens, tokens: layout, batch: 100)
      #expect(reading.samples == samples && reading.bad.isEmpty)
    }
    let samples = (0..<30).map { _ in generator.bytes(Int.random(in: 0...99, using: &generator)) }
    try write(samples, kind: .bytes, shardBytes: 1000)
    #expect(try BinaryCorpora.units(for: unit, options: CorpusOptions()).kind == .bytes)
    #expect(try BinaryReading(unit, kind: .bytes).samples == samples)
    try write([], kind: .bytes, shardBytes: 1000)
    #expect(try BinaryReading(unit, kind: .bytes).samples.isEmpty)
  }

  @Test func columnsOfEveryEncodingAreMetadata() throws {
    let values: [(name: String, encoding: String, size: Int?, value: [UInt8], json: String)] = [
      ("a", "str", nil, Array("q\"é".utf8), #""q\"é""#),
      ("b", "bytes", nil, [0, 255, 7, 9], #""AP8HCQ==""#),
      ("c", "json", nil, Array(#"{"x": 1.0}"#.utf8), #"{"x": 1.0}"#),
      ("d", "int", 8, little(-5, 8), "-5"), ("e", "uint8", 1, [200], "200"),
      ("f", "int16", 2, little(-2, 2), "-2"), ("g", "uint64", 8, little(-1, 8), "\(UInt64.max)"),
      ("h", "float16", 2, little(0x3E00, 2), "1.5"),
      ("i", "float32", 4, little(Int(Float(0.1).bitPattern), 4), "0.1"),
      ("j", "float64", 8, little(Int(Double.infinity.bitPattern), 8), #""inf""#),
      (
        "k", "str_int", nil, Array("123456789012345678901234567890".utf8),
        "123456789012345678901234567890"
      ),
      ("l", "str_float", nil, Array("nan".utf8), #""nan""#),
      ("m", "str_decimal", nil, Array("1.10".utf8), "1.10"),
      ("n", "ndarray", nil, [16, 2 << 2, 2, 2] + [1, 0, 2, 0, 3, 0, 4, 0], "[[1,2],[3,4]]"),
      ("o", "ndarray:int8", nil, [1 << 2 | 1, 2, 0, 255, 1], "[-1,1]"),
      ("p", "ndarray:uint16:2,1", 4, [1, 0, 2, 0], "[[1],[2]]"),
    ]
    let text = Array("text".utf8)
    let row =
      values.filter { $0.size == nil }.flatMap { little($0.value.count, 4) } + little(4, 4)
      + values.flatMap(\.value) + text
    try make(values.map { ($0.name, $0.encoding, $0.size) } + [("text", "str", nil)], rows: [row])
    let reading = try BinaryReading(unit, kind: .document)
    #expect(reading.bad.isEmpty)
    let expected = values.map { "\"\($0.name)\":\($0.json)" }
    let document = try #require(try reading.documents().first)
    #expect(document.metadata == "{\(expected.sorted().joined(separator: ","))}")
    #expect(document.text == "text")
  }

  @Test func rowsThatAreNoSamplesAreBadRecords() throws {
    let good = little(2, 4) + Array("ok".utf8)
    let rows: [[UInt8]] = [
      good, [1, 2], little(9, 4) + [0x61], little(0, 4) + [0x61], little(1, 4) + [0xFF], good,
    ]
    try make([("text", "str", nil)], rows: rows)
    let reading = try BinaryReading(unit, kind: .document)
    #expect(reading.samples.count == 2 && reading.bad.map(\.record) == [2, 3, 4, 5])
    #expect(reading.positions.map(\.records) == [1, 6])
    try make(
      [("x", "ndarray", nil)],
      rows: [
        [9, 4, 1, 5], [7, 4, 1, 5], [9, 4, 2, 5], [9], [9, 8, 1], [9, 8, 1, 1, 5],
        [64, 4 | 3] + little(Int.max, 8), [9, 4, 1, 200], [], [66, 4, 1] + little(0, 8),
      ].map { little($0.count, 4) + $0 })
    let arrays = try BinaryReading(unit, kind: .tokens, tokens: TokenLayout(width: 4))
    #expect(arrays.samples == [little(5, 4)])
    #expect(arrays.bad.map(\.record) == [2, 3, 4, 5, 6, 7, 8, 9, 10])
  }

  @Test func indicesThatAreRefused() throws {
    let row = little(2, 4) + Array("ok".utf8)
    let cases: [(String, String, String)] = [
      ("shard.00000.mds", "../shard.00000.mds", "no file in the folder"),
      ("shard.00000.mds", "/etc/passwd", "no file in the folder"),
      ("shard.00000.mds", "missing.mds", "cannot open"),
      ("\"str\"", "\"pkl\"", "encoding pkl"), ("\"str\"", "\"jpeg:9\"", "encoding jpeg:9"),
      ("\"str\"", "\"ndarray:uint16:9999999999,9999999999\"", "encoding ndarray"),
      ("[null]", "[8]", "size"), ("[null]", "[]", "column_sizes"),
      ("\"samples\":1", "\"samples\":2", "index.json says 2"),
      ("\"samples\":1", "\"samples\":-1", "number of samples"),
      ("\"version\":2,\"shards\"", "\"version\":3,\"shards\"", "version 2"),
      ("\"format\":\"mds\"", "\"format\":\"csv\"", "not of format mds"),
      ("\"bytes\":", "\"bytes\":9", "index.json says 9"),
      ("[\"text\"]", "[\"other\"]", "no column text"), ("{\"version\"", "[\"version\"", "no JSON"),
      (
        "\"compression\":null", "\"compression\":\"br\"",
        "compressed with br"
      ),
    ]
    for (place, other, reason) in cases {
      try make([("text", "str", nil)], rows: [row])
      let bytes = try DurableFile.read(scratch("d/index.json"))
      var index = String(decoding: bytes, as: UTF8.self).replacingOccurrences(
        of: place, with: other)
      if place.contains("compression") {
        index = index.replacingOccurrences(
          of: "\"zip_data\":null", with: "\"zip_data\":{\"basename\":\"z\",\"bytes\":1}")
      }
      _ = try scratch.write(Array(index.utf8), "d/index.json")
      _ = try BinaryCorpora.units(for: unit, options: CorpusOptions())
      let reading = try BinaryReading(unit, kind: .document)
      #expect(reading.samples.isEmpty && reading.bad.count == 1 && reading.bad[0].endsUnit)
      #expect(reading.bad[0].reason.contains(reason), "\(reading.bad[0].reason)")
    }
  }

  @Test func damageIsNoCrash() throws {
    try make(
      [("id", "str", nil), ("n", "int", 8), ("text", "str", nil)],
      rows: (0..<6).map {
        little(2, 4) + little($0, 4) + Array("d\($0)".utf8) + little($0, 8)
          + [UInt8](repeating: 0x61, count: $0)
      })
    let shard = try DurableFile.read(scratch("d/shard.00000.mds"))
    let (prefixes, _) = try beHostile(shard, flips: 800, seed: 13) {
      _ = try scratch.write($0, "d/shard.00000.mds")
      return try BinaryReading(unit, kind: .document)
    }
    #expect(prefixes == shard.count)
    _ = try scratch.write(shard, "d/shard.00000.mds")
    let index = try DurableFile.read(scratch("d/index.json"))
    let (cut, _) = try beHostile(index, flips: 800, seed: 14) {
      _ = try scratch.write($0, "d/index.json")
      _ = try BinaryCorpora.units(for: unit, options: CorpusOptions())
      return try BinaryReading(unit, kind: .document)
    }
    #expect(cut == index.count)
  }
}
