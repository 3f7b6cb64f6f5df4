import Addressing
import Checkpoints
import Files
import Foundation
import MemoryBuilder
import MemoryTables
import Safetensors
import Synchronization
import TestCheckpoints
import Testing

@Suite struct ImportTests {
  @Test(arguments: [MadeCheckpoint.Layout.fileALayer, .mixed])
  func everyRowIsTheCheckpoints(layout: MadeCheckpoint.Layout) throws {
    let fixture = try ImportFixture(.deepSeek(layout: layout))
    let report = try fixture.run()
    #expect(report.tables.map(\.name) == ["t/layer1", "t/layer14"])
    for layer in [1, 14] {
      let codes = fixture.made["layers.\(layer).engram.embed.weight"]
      let scales = fixture.made["layers.\(layer).engram.embed.scale"]
      let rows = try fixture.rows(of: "t/layer\(layer)")
      let expected = (0..<codes.shape[0]).flatMap { codes.row($0) + scales.row($0) }
      #expect(rows == expected)
      // NaN codes decode to NaN, a NaN scale spoils its 32 numbers, and nothing else does.
      let numbers = try fixture.open("t/layer\(layer)").gatherFloats([0, 1])
      #expect(numbers[5].isNaN && numbers[6].isNaN)
      #expect(numbers[96..<128].allSatisfy { $0.isNaN })
    }
    #expect(report.comparedRows > 1000)
    #expect(
      report.bytes
        == [1, 14].reduce(0) { $0 + fixture.made["layers.\($1).engram.embed.weight"].shape[0] * 66 }
    )
  }

  @Test(arguments: [TensorType.bf16, .f8e4m3])
  func shardsBecomeOneTable(type: TensorType) throws {
    let fixture = try ImportFixture(.qwen(type: type, scaleBits: 0xFFA1_2345))
    try fixture.run()
    let shards = fixture.made.tensors.filter { $0.name.contains("shard_") }
    #expect(try fixture.rows(of: "t/layer1") == shards.flatMap(\.bytes))
    let table = try fixture.open("t/layer1")
    #expect(table.manifest.scaleBits == (type == .bf16 ? nil : 0xFFA1_2345))
    #expect(
      table.manifest.addressing?.multipliers == [1_234_567_891, 987_654_321_987, 55_555_555_557])
    // Raw tokens: the table is looked up without a token map.
    #expect(try table.hasher().rows(for: [5, 6]).count == 32)
  }

  @Test(arguments: [TensorType.f32, .f16, .bf16, .f8e4m3])
  func plainTensorsKeepTheirBytes(type: TensorType) throws {
    let fixture = try ImportFixture(.plain(type: type, rows: 3000, width: 40))
    try fixture.run()
    #expect(try fixture.rows(of: "t") == fixture.made["embedding.weight"].bytes)
    #expect(throws: TableError.notAddressed(table: "t")) { try fixture.open("t").hasher() }
  }

  @Test func layersAreChosen() throws {
    let fixture = try ImportFixture(.deepSeek())
    try fixture.run { $0.layers = [14] }
    #expect(try fixture.published() == ["t/layer14@1"])
    #expect(throws: CheckpointError.noSuchLayer(2, available: [1, 14])) {
      try fixture.run { $0.layers = [1, 2] }
    }
    #expect(try fixture.published() == ["t/layer14@1"])
  }

  @Test func anImportAgainIsANewVersionOfTheSameContent() throws {
    let fixture = try ImportFixture(.deepSeek(layers: [1]))
    try fixture.run()
    try fixture.run()
    #expect(try fixture.published() == ["t/layer1@1", "t/layer1@2"])
    let first = try fixture.open("t/layer1@1").manifest
    let second = try fixture.open("t/layer1@2").manifest
    #expect(first.identity != second.identity && first.addressing == second.addressing)
  }

  @Test func theTokenMapOfAnotherTokenizerIsRefusedWithBothSizes() throws {
    let fixture = try ImportFixture(.deepSeek())
    let other = try TokenMap((0..<128).map { $0 / 2 })
    #expect {
      try fixture.run { $0.tokenMap = other }
    } throws: { error in
      "\(error)".contains("64") && "\(error)".contains("99092")
    }
    #expect(try fixture.published().isEmpty)
  }

  /// Where a table is all of a folder's files, a source that changes after it was copied shows
  /// in the rows that are compared.
  @Test func aSourceThatChangesMeanwhileIsFoundAndWithdrawn() throws {
    let fixture = try ImportFixture(.plain(type: .f32, rows: 1000, width: 16))
    try fixture.run()
    let path = fixture.checkpoint + "/a.safetensors"
    let size = try #require(DurableFile.size(of: path))
    let isIntact = Mutex(true)
    #expect(throws: BuilderError.selfCheckFailed(table: "t", row: 999)) {
      try fixture.run(watching: { done, total in
        // All rows are copied now, and compared later.
        let isFirst = isIntact.withLock { isIntact in
          defer { isIntact = isIntact && done < total }
          return isIntact && done == total
        }
        if isFirst { Self.flipByte(of: path, at: size - 1) }
      })
    }
    #expect(try fixture.published() == ["t@1"])
    #expect(try fixture.debris().isEmpty)
    // A version that never was has used no number up.
    try fixture.run()
    #expect(try fixture.published() == ["t@1", "t@2"])
  }

  private static func flipByte(of path: String, at place: Int) {
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    var byte: UInt8 = 0
    guard pread(descriptor, &byte, 1, place) == 1 else { return }
    byte ^= 1
    pwrite(descriptor, &byte, 1, place)
  }

  @Test func anImportThatStopsLeavesNothing() throws {
    struct Stop: Error {}
    let fixture = try ImportFixture(.deepSeek())
    try fixture.run { $0.layers = [1] }
    #expect(throws: Stop.self) { try fixture.run(watching: { _, _ in throw Stop() }) }
    // All bytes of both tables are written, nothing is published: at the first such call, and
    // at the last before the commit.
    for last in 0..<5 {
      let calls = Mutex(0)
      #expect(throws: Stop.self) {
        try fixture.run(watching: { done, total in
          guard done == total else { return }
          let count = calls.withLock { count in
            count += 1
            return count
          }
          if count > last { throw Stop() }
        })
      }
    }
    #expect(try fixture.published() == ["t/layer1@1"])
    #expect(try DurableFile.names(in: fixture.store + "/tmp").isEmpty)
    #expect(try fixture.debris().isEmpty)
    // The number that was not published is not used up.
    #expect(try fixture.run { $0.layers = [1] }.tables[0].version == 2)
  }

  @Test func progressCountsAllBytes() throws {
    let fixture = try ImportFixture(.deepSeek())
    let last = Mutex((0, 0))
    let report = try fixture.run(watching: { done, total in
      last.withLock {
        #expect(done >= $0.0 && done <= total)
        $0 = (done, total)
      }
    })
    #expect(last.withLock { $0 } == (report.bytes, report.bytes))
  }
}
