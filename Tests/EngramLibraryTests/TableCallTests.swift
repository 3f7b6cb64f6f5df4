import Addressing
import CEngram
import Foundation
import SeededRandom
import TestStores
import Testing

@Suite struct TableCallTests {
  private let store: OpenStore

  init() throws { store = try OpenStore() }

  @Test func infoSaysWhatBuffersNeed() throws {
    var info = engram_table_info()
    try check(engram_table_get_info(store.table("hashed"), &info))
    #expect(info.rows == 420 && info.dimension == 64 && info.row_bytes == 66)
    #expect(info.columns == 4 && info.token_limit == 500 && info.longest_ngram == 3)
    #expect(info.version == 1 && info.is_exact == 0 && info.takes_segments == 1)
    let manifest = try json { engram_table_describe((try? store.table("hashed@1")) ?? 0, $0) }
    let identity = withUnsafeBytes(of: info.identity) {
      String(decoding: $0.prefix(64), as: UTF8.self)
    }
    #expect(manifest["identity"] as? String == identity && identity.count == 64)
    try check(engram_table_get_info(store.table("exact"), &info))
    #expect(info.is_exact == 1 && info.columns == 1 && info.longest_ngram == 3)
    try check(engram_table_get_info(store.table("plain"), &info))
    #expect(info.columns == 0 && info.token_limit == 0)
  }

  @Test func rowsOfTokensAreThoseOfTheRule() throws {
    let table = try store.table("hashed")
    let hasher = try NgramHasher(ServedStore.addressing())
    var generator = SeededGenerator(seed: 1)
    for count in [0, 1, 2, 3, 77] {
      let tokens = (0..<count).map { _ in Int32.random(in: 0..<500, using: &generator) }
      let masked = tokens.map { _ in Bool.random(using: &generator) }
      let segments = tokens.indices.map { Int32($0 / 10) }
      var rows = [Int64](repeating: -7, count: 4 * count)
      try check(engram_table_rows(table, tokens, count, nil, nil, nil, &rows))
      #expect(try rows == hasher.rows(for: tokens))
      let bytes = masked.map { $0 ? UInt8(1) : 0 }
      try check(engram_table_rows(table, tokens, count, bytes, segments, nil, &rows))
      #expect(try rows == hasher.rows(for: tokens, masked: masked, segments: segments))
    }
  }

  @Test func aHistoryGoesOnForksAndRollsBack() throws {
    let table = try store.table("hashed")
    let hasher = try NgramHasher(ServedStore.addressing())
    let tokens = (0..<40).map { Int32($0 * 7 % 500) }
    let whole = try hasher.rows(for: tokens)
    var history = engram_history()
    try check(engram_history_start(table, &history))
    var rows = [Int64](repeating: 0, count: 160)
    try check(engram_table_rows(table, tokens, 20, nil, nil, &history, &rows))
    let kept = history
    var other = [Int64](repeating: 0, count: 4)
    try check(engram_table_rows(table, [499], 1, nil, nil, &history, &other))
    // A refused call leaves the history where it is.
    let before = history
    #expect(engram_table_rows(table, [500], 1, nil, nil, &history, &other) == ENGRAM_OUT_OF_RANGE)
    #expect(withUnsafeBytes(of: before) { Array($0) } == withUnsafeBytes(of: history) { Array($0) })
    history = kept
    for position in 20..<40 {
      var next = [Int64](repeating: 0, count: 4)
      try check(engram_table_rows(table, [tokens[position]], 1, nil, nil, &history, &next))
      rows.replaceSubrange(4 * position..<4 * position + 4, with: next)
    }
    #expect(rows == whole)
  }

  @Test func anExactTableSaysWhatIsMissing() throws {
    let table = try store.table("exact")
    var rows = [Int64](repeating: -7, count: 6)
    try check(engram_table_rows(table, [1, 2, 3, 4, 8, 9], 6, nil, nil, nil, &rows))
    // [1], [1 2], [2 3], nothing, nothing, nothing: 7 8 9 is not whole.
    #expect(rows == [0, 1, 2, -1, -1, -1])
    try check(engram_table_rows(table, [7, 8, 9], 3, nil, [0, 0, 1], nil, &rows))
    #expect(Array(rows[..<3]) == [-1, -1, -1])
    var history = engram_history()
    #expect(engram_history_start(table, &history) == ENGRAM_UNSUPPORTED)
    #expect(engram_table_rows(table, [1], 1, nil, nil, &history, &rows) == ENGRAM_UNSUPPORTED)
    #expect(engram_table_rows(table, [1], 1, [0], nil, nil, &rows) == ENGRAM_UNSUPPORTED)

    var values = [Float](repeating: .nan, count: 4 * 64)
    let asked: [Int64] = [-1, 4, -1, 0]
    #expect(
      engram_table_gather(table, asked, 4, engram_format(ENGRAM_F32), 0, &values, 1024)
        == ENGRAM_OUT_OF_RANGE)
    #expect(values.allSatisfy { $0.isNaN })
    try check(
      engram_table_gather(
        table, asked, 4, engram_format(ENGRAM_F32), UInt32(ENGRAM_MISSING_AS_ZERO), &values, 1024))
    let made = MadeRows(rowBytes: 256)
    func row(_ number: Int) -> [Float] {
      made.bytes(of: number).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }
    let zeros = [Float](repeating: 0, count: 64)
    #expect(values == zeros + row(4) + zeros + row(0))
  }

  @Test func gathersWhatWasPublished() throws {
    let table = try store.table("plain")
    let made = MadeRows(rowBytes: 128)
    var generator = SeededGenerator(seed: 2)
    for count in [0, 1, 5, 1000] {
      let rows = (0..<count).map { _ in
        Int64.random(in: 0..<Int64(ServedStore.plainRows), using: &generator)
      }
      let expected = rows.flatMap { made.bytes(of: Int($0)) }
      var raw = [UInt8](repeating: 0, count: 128 * count)
      try check(engram_table_gather(table, rows, count, 0, 0, &raw, raw.count))
      #expect(raw == expected)
      var short = [UInt16](repeating: 0, count: 64 * count)
      try check(
        engram_table_gather(
          table, rows, count, engram_format(ENGRAM_BF16), 0, &short, 128 * count))
      #expect(short.withUnsafeBytes { Array($0) } == expected)
      var wide = [Float](repeating: 0, count: 64 * count)
      try check(
        engram_table_gather(table, rows, count, engram_format(ENGRAM_F32), 0, &wide, 256 * count))
      #expect(wide.map { UInt16($0.bitPattern >> 16) } == short)
      var pages: UInt64 = 0
      try check(engram_table_prefetch(table, rows, count, &pages))
      #expect((pages > 0) == (count > 0))
    }
  }

  @Test func badBuffersAreRefusedBeforeAnythingIsWritten() throws {
    let table = try store.table("plain")
    var out = [UInt8](repeating: 9, count: 512)
    let bf16 = engram_format(ENGRAM_BF16)
    #expect(engram_table_gather(table, [0, 3000], 2, 0, 0, &out, 512) == ENGRAM_OUT_OF_RANGE)
    #expect(lastError.contains("row 3000") && !lastError.contains("\n"))
    #expect(engram_table_gather(table, [0, -5], 2, 0, 0, &out, 512) == ENGRAM_OUT_OF_RANGE)
    #expect(engram_table_gather(table, [0, 1], 2, 0, 0, &out, 255) == ENGRAM_TOO_SMALL)
    #expect(lastError.contains("255") && lastError.contains("256"))
    #expect(engram_table_gather(table, [0], 1, 3, 0, &out, 512) == ENGRAM_INVALID)
    #expect(engram_table_gather(table, [0], 1, 0, 2, &out, 512) == ENGRAM_INVALID)
    #expect(engram_table_gather(table, nil, 1, 0, 0, &out, 512) == ENGRAM_INVALID)
    #expect(engram_table_gather(table, [0], 1, 0, 0, nil, 512) == ENGRAM_INVALID)
    #expect(engram_table_gather(table, [0], -1, 0, 0, &out, 512) == ENGRAM_INVALID)
    #expect(engram_table_gather(table, [0], .max, 0, 0, &out, 512) == ENGRAM_INVALID)
    out.withUnsafeMutableBytes {
      let status = engram_table_gather(table, [0], 1, bf16, 0, $0.baseAddress! + 1, 400)
      #expect(status == ENGRAM_INVALID)
    }
    #expect(out.allSatisfy { $0 == 9 })
    var rows = [Int64](repeating: 0, count: 4)
    #expect(engram_table_rows(table, [1], 1, nil, nil, nil, &rows) == ENGRAM_UNSUPPORTED)
    let hashed = try store.table("hashed")
    #expect(engram_table_rows(hashed, nil, 1, nil, nil, nil, &rows) == ENGRAM_INVALID)
    #expect(engram_table_rows(hashed, [1], 1, [2], nil, nil, &rows) == ENGRAM_INVALID)
    #expect(engram_table_rows(hashed, [1], .max / 2, nil, nil, nil, &rows) == ENGRAM_INVALID)
  }

  @Test func aDamagedRowIsNotServed() throws {
    let folder = store.made.path + "/tables"
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
      $0.hasSuffix(".sst")
    }
    let row = Data(MadeRows(rowBytes: 128).bytes(of: 1234))
    for file in files {
      var bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file))
      guard let place = bytes.range(of: row) else { continue }
      bytes[place.lowerBound] ^= 1
      try bytes.write(to: URL(fileURLWithPath: folder + "/" + file))
    }
    let table = try store.table("plain")
    var out = [UInt8](repeating: 0, count: 128)
    try check(engram_table_gather(table, [1233], 1, 0, 0, &out, 128))
    #expect(engram_table_gather(table, [1234], 1, 0, 0, &out, 128) == ENGRAM_CORRUPT)
    #expect(lastError.contains("row 1234 of plain@1 is corrupt"))
  }
}
