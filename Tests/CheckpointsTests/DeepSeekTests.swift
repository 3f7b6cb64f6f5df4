import Addressing
import Checkpoints
import MemoryTables
import TestCheckpoints
import Testing

@Suite struct DeepSeekTests {
  @Test(arguments: [false, true])
  func tablesAreFoundWithTheirShapeAndRule(inTextConfig: Bool) throws {
    let made = MadeCheckpoint.deepSeek(inTextConfig: inTextConfig)
    let opened = try OpenedCheckpoint(made)
    #expect(opened.folder.family == .deepseekV41)
    let tables = try opened.folder.tables()
    #expect(tables.map(\.layer) == [1, 14])
    let primes = MadeCheckpoint.primes(from: 300, count: 48).map { UInt64($0) }
    for (index, table) in tables.enumerated() {
      let own = Array(primes[(24 * index)..<(24 * (index + 1))])
      #expect(table.rows == Int(own.reduce(0, +)))
      #expect(table.dimension == 64 && table.codec == .fp8E4M3ScaledBy32)
      #expect(table.scaleBits == nil)
      let addressing = try #require(table.addressing)
      #expect(Array(addressing.bucketSizes.joined()) == own)
      #expect(addressing.preset == "deepseek-v4.1" && addressing.maxOrder == 4)
    }
  }

  @Test(arguments: [MadeCheckpoint.Layout.fileALayer, .oneFile, .mixed])
  func rowsAreCodesThenScales(layout: MadeCheckpoint.Layout) throws {
    let made = MadeCheckpoint.deepSeek(layout: layout)
    let opened = try OpenedCheckpoint(made)
    for table in try opened.folder.tables() {
      let name = "layers.\(try #require(table.layer)).engram.embed."
      let rows = try copiedRows(of: table)
      #expect(rows.count == table.rows)
      for (row, bytes) in rows.enumerated() {
        let expected = made[name + "weight"].row(row) + made[name + "scale"].row(row)
        guard bytes == expected else {
          Issue.record("row \(row) of \(name)")
          return
        }
      }
      #expect(try table.source.bytes(ofRow: table.rows - 1, rowBytes: 66) == rows.last)
    }
  }

  @Test func headersOfFilesWithNothingElseAreKept() throws {
    let tables = try OpenedCheckpoint(.deepSeek(layout: .fileALayer))
    let files = tables.folder.filesHoldingOnly(try tables.folder.tables())
    #expect(files.count == 2)
    let draft = try tables.folder.tables()[1].draft(name: "t", addressing: nil, headers: files)
    #expect(draft.source.files == [.init(name: "layer14.safetensors", header: "source-0.header")])
    #expect(draft.attachments["source-0.header"]?.first == UInt8(ascii: "{"))
    #expect(draft.source.tensors.map(\.file) == Array(repeating: "layer14.safetensors", count: 2))

    let mixed = try OpenedCheckpoint(.deepSeek(layout: .mixed))
    #expect(mixed.folder.filesHoldingOnly(try mixed.folder.tables()).isEmpty)
  }

  @Test func aMissingTensorIsNamed() {
    for name in ["layers.14.engram.embed.weight", "layers.1.engram.embed.scale"] {
      var made = MadeCheckpoint.deepSeek()
      made.remove(name)
      expectRefused(made, name)
    }
  }

  @Test func aTensorOfAnotherTypeOrShapeIsNamed() {
    let codes = "layers.1.engram.embed.weight"
    let scales = "layers.1.engram.embed.scale"
    var made = MadeCheckpoint.deepSeek()
    made[codes].type = .u8
    expectRefused(made, codes, "U8", "F8_E4M3")

    made = .deepSeek()
    made[scales].type = .f8e4m3
    expectRefused(made, scales, "F8_E4M3", "F8_E8M0")

    made = .deepSeek()
    let rows = made[codes].shape[0]
    made[codes].shape = [rows * 64]
    expectRefused(made, codes, "[\(rows * 64)]")

    made = .deepSeek()
    made[scales].shape = [2, rows]
    expectRefused(made, scales, "[2, \(rows)]", "[\(rows), 2]")

    made = .deepSeek()
    made[codes].shape = [rows * 4, 16]
    expectRefused(made, codes, "a multiple of 32")
  }

  @Test func rowsThatAreNotThePrimesSumAreRefusedWithBothNumbers() throws {
    let rows = MadeCheckpoint.primes(from: 300, count: 24).reduce(0, +)
    var made = MadeCheckpoint.deepSeek()
    for (name, width) in [("weight", 64), ("scale", 2)] {
      made["layers.1.engram.embed." + name].shape[0] -= 1
      made["layers.1.engram.embed." + name].bytes.removeLast(width)
    }
    expectRefused(made, "layers.1.engram.embed.weight", "\(rows - 1)", "\(rows)")

    // The config's own count is checked against its primes, too.
    made = .deepSeek()
    made.config = made.config?.replacing("[\(rows), ", with: "[\(rows + 2), ")
    expectRefused(made, "engram_num_embeddings", "\(rows + 2)", "\(rows)")
  }
}
