import Files
import MemoryBuilder
import MemoryTables
import Safetensors
import Storage
import TestCheckpoints
import Testing

@Suite struct ExportTests {
  private func export(
    _ tables: [String], of fixture: ImportFixture, to name: String = "out"
  ) throws -> [String] {
    try TableExport(tables: tables.map { try fixture.open($0) }).run(to: fixture.scratch(name))
  }

  private func expectIdentical(
    _ files: [String], in fixture: ImportFixture, _ name: String = "out"
  ) throws {
    for file in files {
      #expect(
        try DurableFile.read(fixture.scratch(name) + "/" + file) == fixture.content(file), "\(file)"
      )
    }
  }

  @Test func filesComeBackByteForByte() throws {
    let fixture = try ImportFixture(.deepSeek(layout: .fileALayer))
    try fixture.run()
    let files = try export(["t/layer1", "t/layer14"], of: fixture)
    #expect(files == ["layer1.safetensors", "layer14.safetensors"])
    #expect(try DurableFile.names(in: fixture.scratch("out")) == files)
    try expectIdentical(files, in: fixture)
    #expect(try export(["t/layer14"], of: fixture, to: "one") == ["layer14.safetensors"])
    try expectIdentical(["layer14.safetensors"], in: fixture, "one")
  }

  @Test func oneFileOfBothLayersComesBackFromBothTables() throws {
    let fixture = try ImportFixture(.deepSeek(layout: .oneFile))
    try fixture.run()
    let files = try export(["t/layer14", "t/layer1"], of: fixture)
    #expect(files == ["tables.safetensors"])
    try expectIdentical(files, in: fixture)
    // One table alone is not the file.
    try expectTensors(
      ["layers.1.engram.embed.weight", "layers.1.engram.embed.scale"],
      of: fixture, exporting: ["t/layer1"])
  }

  @Test func tensorsFromMixedFilesComeBackOnTheirOwn() throws {
    let fixture = try ImportFixture(.deepSeek(layout: .mixed))
    try fixture.run()
    try expectTensors(
      [1, 14].flatMap { layer in
        ["weight", "scale"].map { "layers.\(layer).engram.embed.\($0)" }
      }, of: fixture, exporting: ["t/layer1", "t/layer14"])
  }

  private func expectTensors(
    _ names: [String], of fixture: ImportFixture, exporting tables: [String]
  ) throws {
    let files = try export(tables, of: fixture, to: "tensors")
    #expect(files == ["memory-tables.safetensors"])
    let file = try SafetensorsFile(path: fixture.scratch("tensors") + "/" + files[0])
    #expect(Set(file.tensors.map(\.name)) == Set(names))
    for tensor in file.tensors {
      let original = fixture.made[tensor.name]
      #expect(tensor.type == original.type && tensor.shape == original.shape)
      #expect(file.withUnsafeBytes(of: tensor) { $0.elementsEqual(original.bytes) })
    }
  }

  /// 128 shards in three files, with multipliers and a NaN scale.
  @Test(arguments: [TensorType.bf16, .f8e4m3])
  func shardsComeBackByteForByte(type: TensorType) throws {
    let fixture = try ImportFixture(.qwen(type: type, scaleBits: 0x7FA0_0001))
    try fixture.run()
    let files = try export(["t/layer1"], of: fixture)
    #expect(files == ["part0.safetensors", "part1.safetensors", "part2.safetensors"])
    try expectIdentical(files, in: fixture)
  }

  @Test(arguments: [TensorType.f32, .f16, .bf16, .f8e4m3])
  func plainTensorsComeBackByteForByte(type: TensorType) throws {
    // More rows than an export reads at once, and not a multiple of that.
    let fixture = try ImportFixture(.plain(type: type, rows: 20_001, width: 3))
    try fixture.run()
    try expectIdentical(export(["t"], of: fixture), in: fixture)
  }

  @Test func rowsOfZerosComeBack() throws {
    var made = MadeCheckpoint.plain(type: .f32, rows: 20_001, width: 16)
    // Whole pages of zeros are not stored.
    made["embedding.weight"].bytes.replaceSubrange(
      64..<(64 * 15_000), with: [UInt8](repeating: 0, count: 64 * 15_000 - 64))
    let fixture = try ImportFixture(made)
    try fixture.run()
    let manifest = try fixture.open("t").manifest
    #expect(manifest.storedPages < manifest.pages)
    try expectIdentical(export(["t"], of: fixture), in: fixture)
  }

  @Test func aFolderThatHoldsSomethingIsLeftAlone() throws {
    let fixture = try ImportFixture(.plain(type: .f32, rows: 10, width: 4))
    try fixture.run()
    #expect(throws: BuilderError.folderNotEmpty(path: fixture.checkpoint)) {
      try TableExport(tables: [fixture.open("t")]).run(to: fixture.checkpoint)
    }
  }

  @Test func twoVersionsOfOneTableConflict() throws {
    let fixture = try ImportFixture(.plain(type: .f32, rows: 10, width: 4))
    try fixture.run()
    try fixture.run()
    #expect { try export(["t@1", "t@2"], of: fixture) } throws: {
      "\($0)".contains("embedding.weight")
    }
    #expect(try DurableFile.names(in: fixture.scratch("out")).isEmpty)
  }

  @Test func anExportThatStopsLeavesAnEmptyFolder() throws {
    struct Stop: Error {}
    let fixture = try ImportFixture(.deepSeek(layout: .fileALayer))
    try fixture.run()
    let tables = try ["t/layer1", "t/layer14"].map { try fixture.open($0) }
    #expect(throws: Stop.self) {
      try TableExport(tables: tables).run(to: fixture.scratch("out")) { done, total in
        if done == total { throw Stop() }
      }
    }
    #expect(try DurableFile.names(in: fixture.scratch("out")).isEmpty)
  }

  @Test func aCorruptRowIsNotExported() throws {
    let fixture = try ImportFixture(.plain(type: .f32, rows: 1000, width: 16))
    try fixture.run()
    let folder = try fixture.open("t").folder + "/db/"
    let name = try #require(DurableFile.names(in: folder).first { $0.hasSuffix(".sst") })
    var bytes = try DurableFile.read(folder + name)
    let row = fixture.made["embedding.weight"].row(500)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: row) })
    bytes[place] ^= 0x10
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: folder + name) }
    #expect { try export(["t"], of: fixture) } throws: { "\($0)".contains("row 500 of t@1") }
    #expect(try DurableFile.names(in: fixture.scratch("out")).isEmpty)
  }
}
