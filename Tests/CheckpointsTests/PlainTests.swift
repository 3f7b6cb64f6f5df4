import Addressing
import Checkpoints
import Files
import MemoryTables
import Safetensors
import TestCheckpoints
import Testing

@Suite struct PlainTests {
  @Test(arguments: [
    (TensorType.f32, RowCodec.float32), (.f16, .float16), (.bf16, .bfloat16),
    (.f8e4m3, .fp8E4M3),
  ])
  func everyTypeKeepsItsBytes(type: TensorType, codec: RowCodec) throws {
    let made = MadeCheckpoint.plain(type: type, rows: 777, width: 13)
    let opened = try OpenedCheckpoint(made)
    #expect(opened.folder.family == .plain)
    let table = try #require(opened.folder.tables().first)
    #expect(table.codec == codec && table.rows == 777 && table.dimension == 13)
    #expect(table.layer == nil && table.addressing == nil)
    #expect(table.scaleBits == (codec == .fp8E4M3 ? Float(1).bitPattern : nil))
    #expect(try copiedRows(of: table).joined().elementsEqual(made["embedding.weight"].bytes))
  }

  @Test func aTensorIsChosenByName() throws {
    var made = MadeCheckpoint.plain(type: .f32, rows: 10, width: 4)
    made.tensors.append(.init("other", .f16, [6, 2], [UInt8](repeating: 1, count: 24)))
    made.tensors.append(.init("bias", .f32, [4], [UInt8](repeating: 1, count: 16)))
    let folder = try OpenedCheckpoint(made)
    #expect(throws: CheckpointError.self) { try folder.folder.tables() }
    #expect(try folder.folder.tables(tensor: "other")[0].rows == 6)
    #expect(
      throws: CheckpointError.missingTensor(name: "nix", path: folder.scratch.path)
    ) { try folder.folder.tables(tensor: "nix") }
    #expect { try folder.folder.tables(tensor: "bias") } throws: {
      "\($0)".contains("bias is F32 [4]")
    }
    expectRefused(made, "embedding.weight", "other", "--tensor")
  }

  @Test func aModelsFolderCanBeReadAsPlainTensors() throws {
    let made = MadeCheckpoint.deepSeek()
    let opened = try OpenedCheckpoint(made, plain: true)
    let name = "layers.14.engram.embed.weight"
    let table = try opened.folder.tables(tensor: name)[0]
    #expect(table.codec == .fp8E4M3 && table.addressing == nil)
    #expect(try copiedRows(of: table).joined().elementsEqual(made[name].bytes))
  }

  @Test func theRuleMustHaveAsManyRowsAsTheTensor() throws {
    var overrides = Addressing.Overrides()
    overrides.base = [300]
    let rule = try Addressing.layers(of: .qwenPLE, overrides: overrides)[0]
    let rows = Int(rule.rowCount)
    let opened = try OpenedCheckpoint(.plain(type: .f16, rows: rows, width: 2))
    #expect(try opened.folder.tables(addressing: rule)[0].addressing == rule)
    let other = try OpenedCheckpoint(.plain(type: .f16, rows: rows - 1, width: 2))
    #expect { try other.folder.tables(addressing: rule) } throws: {
      "\($0)".contains("\(rows - 1)") && "\($0)".contains("\(rows)")
    }
  }

  @Test func whatHoldsNoTableIsRefused() throws {
    expectRefused(
      MadeCheckpoint(tensors: [.init("a", .i64, [2, 1], [UInt8](repeating: 0, count: 16))]),
      "no memory table")
    expectRefused(
      MadeCheckpoint(tensors: [.init("embedding.weight", .f32, [0, 4], [])]), "[0, 4]")
    expectRefused(
      MadeCheckpoint(tensors: [.init("embedding.weight", .f8e5m2, [1, 2], [1, 2])]),
      "no memory table")
  }

  @Test(arguments: [
    "", "[]", "null", "{", "{\"engram_layer_ids\": [1]", "{\"engram_layer_ids\": \"x\"}",
    "{\"engram_layer_ids\": [-1]}", "{\"engram_layer_ids\": []}", "{\"ple_layer_ids\": [0]}",
    "{\"engram_layer_ids\": [1], \"engram_vocab_size\": 1e300}",
    "{\"engram_layer_ids\": [1], \"engram_vocab_size\": -5}",
    "{\"ple_layer_ids\": [1], \"ngram_size\": 99}",
    "{\"engram_layer_ids\": [1, 1], \"engram_vocab_size\": 300}",
    "{\"text_config\": {\"engram_layer_ids\": true}}",
  ])
  func aBrokenConfigIsRefusedInOneLine(config: String) {
    var made = MadeCheckpoint.deepSeek(layers: [1])
    made.config = config
    expectRefused(made)
  }
}
