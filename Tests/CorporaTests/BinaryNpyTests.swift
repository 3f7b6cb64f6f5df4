import Foundation
import Samples
import SeededRandom
import TestCheckpoints
import Testing

@testable import Corpora

/// Arrays of token ids: what NumPy wrote, what random arrays must give, what is refused.
@Suite struct BinaryNpyTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func unit(_ bytes: [UInt8], part: Range<Int>? = nil) throws -> CorpusUnit {
    CorpusUnit(path: try scratch.write(bytes, "a.npy"), name: "a.npy", format: .npy, part: part)
  }

  private func read(
    _ bytes: [UInt8], width: Int = 4, sequenceLength: Int? = nil, part: Range<Int>? = nil,
    from position: CorpusPosition = CorpusPosition(), batch: Int = 1 << 20
  ) throws -> BinaryReading {
    var options = CorpusOptions()
    options.sequenceLength = sequenceLength
    return try BinaryReading(
      unit(bytes, part: part), options: options, kind: .tokens,
      tokens: TokenLayout(width: width), from: position, batch: batch)
  }

  /// A file as NumPy's format 1.0 has it, put together by hand.
  static func file(_ descr: String, _ shape: String, _ data: [UInt8]) -> [UInt8] {
    file(dictionary: "{'descr': '\(descr)', 'fortran_order': False, 'shape': \(shape), }", data)
  }

  static func file(dictionary: String, _ data: [UInt8] = []) -> [UInt8] {
    let text = Array((dictionary + "\n").utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + little(text.count, 2) + text + data
  }

  /// What numpy 2.4 wrote: two rows of `<u2`, `arange(5)` of `<i8`, one row of `<u4` in format
  /// 2.0, two `|u1` in format 3.0.
  static let rows = """
    k05VTVBZAQB2AHsnZGVzY3InOiAnPHUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLC\
    B9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAIAAwD/\
    /wAABwA=
    """
  static let wide = """
    k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDUsKSwgfS\
    AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAA\
    AAEAAAAAAAAAAgAAAAAAAAADAAAAAAAAAAQAAAAAAAAA
    """
  static let second = """
    k05VTVBZAgB0AAAAeydkZXNjcic6ICc8dTQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwgMi\
    ksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoJAAAACAAA\
    AA==
    """
  static let third = """
    k05VTVBZAwB0AAAAeydkZXNjcic6ICd8dTEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLC\
    B9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoB/w==
    """

  private func golden(_ text: String) throws -> [UInt8] {
    Array(try #require(Data(base64Encoded: text)))
  }

  @Test func filesThatNumPyWrote() throws {
    let narrow = TokenLayout(width: 2)
    let wide = TokenLayout(width: 4)
    let rows = try read(golden(Self.rows), width: 2)
    #expect(try rows.ids(narrow) == [[1, 2, 3], [65535, 0, 7]] && rows.bad.isEmpty)
    #expect(try read(golden(Self.rows)).ids(wide) == [[1, 2, 3], [65535, 0, 7]])
    #expect(try read(golden(Self.wide)).ids(wide) == [[0, 1, 2, 3, 4]])
    #expect(
      try read(golden(Self.wide), sequenceLength: 2).ids(wide) == [[0, 1], [2, 3], [4]])
    #expect(try read(golden(Self.second)).ids(wide) == [[9, 8]])
    #expect(try read(golden(Self.third)).ids(wide) == [[1, 255]])
  }

  @Test func headsSayWhatSamplesAre() throws {
    let (units, kind, tokens) = try BinaryCorpora.units(
      for: unit(golden(Self.rows)), options: CorpusOptions())
    #expect(units.count == 1 && kind == .tokens && tokens == TokenLayout(width: 2, length: 3))
    #expect(
      try BinaryCorpora.units(for: unit(golden(Self.wide)), options: CorpusOptions()).tokens
        == TokenLayout(width: 4))
    var options = CorpusOptions()
    options.sequenceLength = 2
    let short = try BinaryCorpora.units(for: unit(golden(Self.wide)), options: options).tokens
    #expect(short == TokenLayout(width: 4), "the last sample is shorter: no length")
    options.kind = .bytes
    let bytes = try BinaryCorpora.units(for: unit(golden(Self.wide)), options: options)
    #expect(bytes.kind == .bytes && bytes.units[0].format == .bytes)
  }

  @Test func randomArraysComeOutAsTheyAre() throws {
    var generator = SeededGenerator(seed: 1)
    for descr in ["|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8"] {
      let size = Int(String(descr.last!))!
      let rows = Int.random(in: 1...40, using: &generator)
      let columns = Int.random(in: 1...50, using: &generator)
      let values = (0..<rows * columns).map { _ in
        Int.random(in: 0...(size == 1 ? 127 : 32767), using: &generator)
      }
      let bytes = Self.file(descr, "(\(rows), \(columns))", values.flatMap { little($0, size) })
      let expected = (0..<rows).map { Array(values[$0 * columns..<($0 + 1) * columns]) }
      for width in [2, 4] {
        let layout = TokenLayout(width: width)
        let batch = Int.random(in: 1...4000, using: &generator)
        let all = try read(bytes, width: width, batch: batch)
        #expect(all.bad.isEmpty && all.positions.map(\.records) == Array(1...rows))
        #expect(try all.ids(layout) == expected)
        let cut = Int.random(in: 0...rows, using: &generator)
        let rest = try read(bytes, width: width, from: CorpusPosition(records: cut), batch: batch)
        #expect(try rest.ids(layout) == Array(expected[cut...]))
        let lower = Int.random(in: 0...rows, using: &generator)
        let part = try read(bytes, width: width, part: lower..<rows, batch: batch)
        #expect(try part.ids(layout) == Array(expected[lower...]))
      }
    }
  }

  @Test func valuesThatAreNoIdsAreBadRecords() throws {
    let values = [1, 2, -1, 4, 1 << 32, 6, (1 << 32) - 1, 8]
    let bytes = Self.file("<i8", "(4, 2)", values.flatMap { little($0, 8) })
    let reading = try read(bytes)
    #expect(try reading.ids(TokenLayout(width: 4)) == [[1, 2], [(1 << 32) - 1, 8]])
    #expect(reading.positions.map(\.records) == [1, 4])
    #expect(reading.bad.map(\.record) == [2, 3])
    #expect(reading.bad[0].reason.contains("its element 0 is -1"))
    #expect(reading.bad.allSatisfy { !$0.endsUnit })
    let narrow = try read(Self.file("<u4", "(2,)", little(65535, 4) + little(65536, 4)), width: 2)
    #expect(narrow.samples.isEmpty && narrow.bad[0].reason.contains("65536"))
  }

  @Test func headsThatAreRefused() throws {
    let heads: [(String, String)] = [
      ("{'descr': '>u2', 'fortran_order': False, 'shape': (1,), }", "big-endian"),
      ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "no array of integers"),
      ("{'descr': '<u2', 'fortran_order': True, 'shape': (2, 2), }", "Fortran"),
      ("{'descr': '<u2', 'fortran_order': False, 'shape': (), }", "0 dimensions"),
      ("{'descr': '<u2', 'fortran_order': False, 'shape': (1, 1, 1), }", "3 dimensions"),
      ("{'descr': '<u2', 'fortran_order': False, 'shape': (9, 0), }", "no elements"),
      (
        "{'descr': '<u2', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
        "impossible"
      ),
      ("{'descr': '<u2', 'fortran_order': False, 'shape': (99999999999999999999,), }", "63 bits"),
      ("{'descr': '<u2', 'fortran_order': False, 'shape': (-1,), }", "no dimension"),
      ("{'descr': '<u2', 'fortran_order': False, 'shape': (9,), }", "needs 18 bytes"),
      ("{'descr': '<u2', 'fortran_order': 0, 'shape': (9,), }", "no True or False"),
      ("{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (9,), }", "no plain string"),
      ("{'descr': '<u2', 'descr': '<u2', 'fortran_order': False, 'shape': (9,), }", "twice"),
      ("{'descr': '<u2', 'fortran_order': False, 'shape': (0,), } x", "behind the dictionary"),
      ("{'descr': '<u2', 'shape': (0,), }", "no descr"),
      ("__import__('os')", "no {"),
      ("", "no {"),
    ]
    for (head, reason) in heads {
      let reading = try read(Self.file(dictionary: head))
      #expect(reading.samples.isEmpty && reading.bad.count == 1 && reading.bad[0].endsUnit)
      #expect(reading.bad[0].reason.contains(reason), "\(reading.bad[0].reason)")
    }
    let huge = try read([0x93] + Array("NUMPY".utf8) + [2, 0, 0xFF, 0xFF, 0xFF, 0xFF])
    #expect(huge.bad[0].reason.contains("limit"))
    #expect(try read(Self.file("<u2", "(0,)", [])).bad.isEmpty)
    #expect(try read(Self.file("<u2", "(0, 0)", [])).bad.isEmpty)
    #expect(try read(Self.file("<u2", "(1,)", [1, 2, 3])).bad.count == 1, "a byte too many")
  }

  @Test func aSampleOverTheLimitIsRefused() throws {
    var options = CorpusOptions()
    options.recordLimit = 10
    let unit = try unit(Self.file("<u2", "(6,)", [UInt8](repeating: 1, count: 12)))
    let reading = try BinaryReading(
      unit, options: options, kind: .tokens, tokens: TokenLayout(width: 2))
    #expect(reading.samples.isEmpty && reading.bad[0].reason.contains("over the limit of 10"))
  }

  @Test func damageIsNoCrash() throws {
    let bytes = Self.file("<i4", "(6, 5)", (0..<30).flatMap { little($0, 4) })
    let (prefixes, _) = try beHostile(bytes, flips: 2000, seed: 2) { try read($0, batch: 50) }
    #expect(prefixes == bytes.count, "a cut array that was taken for a whole one")
  }

  @Test func largeFilesAreCutIntoPartsThatCoverThem() throws {
    let path = scratch("large.npy")
    let rows = 100_003
    let head = Self.file("<u2", "(\(rows), 1024)", [])
    _ = try scratch.write(head, "large.npy")
    #expect(truncate(path, head.count + rows * 2048) == 0)
    let whole = CorpusUnit(path: path, name: "large.npy", format: .npy)
    let units = try BinaryCorpora.units(for: whole, options: CorpusOptions()).units
    #expect(units.count == 4)
    var next = 0
    for unit in units {
      let part = try #require(unit.part)
      #expect(part.lowerBound == next && !part.isEmpty)
      next = part.upperBound
    }
    #expect(next == rows && units.map(\.size).reduce(0, +) == rows * 2048)
  }

  @Test func layoutsOfSeveralSourcesBecomeOne() {
    let short = TokenLayout(width: 2, length: 8)
    #expect(BinaryCorpora.tokens(merging: []) == nil)
    #expect(BinaryCorpora.tokens(merging: [short, short]) == short)
    #expect(
      BinaryCorpora.tokens(merging: [short, TokenLayout(width: 4, length: 8)])
        == TokenLayout(width: 4, length: 8))
    #expect(
      BinaryCorpora.tokens(merging: [short, TokenLayout(width: 2, length: 9), short])
        == TokenLayout(width: 2))
  }
}
