import Addressing
import Checkpoints
import MemoryTables
import Safetensors
import TestCheckpoints
import Testing

@Suite struct QwenTests {
  private let embedding = MadeCheckpoint.qwenPrefix + "ngram_embedding."

  @Test(arguments: [TensorType.bf16, .f8e4m3])
  func oneTableLiesInShardsOfSeveralFiles(type: TensorType) throws {
    let made = MadeCheckpoint.qwen(type: type)
    let opened = try OpenedCheckpoint(made)
    #expect(opened.folder.family == .qwenPLE)
    let table = try #require(opened.folder.tables().first)
    // Layers are counted from 1 in the config, from 0 in the tensors' names.
    #expect(table.layer == 1)
    #expect(table.codec == (type == .bf16 ? .bfloat16 : .fp8E4M3))
    #expect(table.dimension == 32)
    let rows = made["\(embedding)shard_0.weight"].shape[0]
    #expect(table.rows == 128 * rows)
    #expect(Set(table.description.tensors.map(\.file)).count == 3)
    for (row, bytes) in try copiedRows(of: table).enumerated() {
      let shard = made["\(embedding)shard_\(row / rows).weight"]
      guard bytes == shard.row(row % rows) else {
        Issue.record("row \(row)")
        return
      }
    }
  }

  @Test func multipliersComeFromTheFile() throws {
    let mine: [UInt64] = [3, 5_000_000_019, 7]
    let opened = try OpenedCheckpoint(.qwen(multipliers: mine))
    #expect(try opened.folder.tables()[0].addressing?.multipliers == mine)

    var made = MadeCheckpoint.qwen()
    made.remove(MadeCheckpoint.qwenPrefix + "layer_multipliers")
    #expect(
      try OpenedCheckpoint(made).folder.tables()[0].addressing?.multipliers
        == [23_703_573_157_769, 20_109_073_645_365, 8_052_911_324_071])
  }

  /// A quiet NaN, a signalling one with a payload, infinity, zero, an ordinary number.
  @Test(arguments: [0x7FC0_0000, 0xFFA1_2345, 0x7F80_0000, 0x8000_0000, 0x3D12_3456] as [UInt32])
  func theScaleKeepsItsBits(bits: UInt32) throws {
    let opened = try OpenedCheckpoint(.qwen(type: .f8e4m3, scaleBits: bits))
    let table = try opened.folder.tables()[0]
    #expect(table.scaleBits == bits)
    #expect(try OpenedCheckpoint(.qwen()).folder.tables()[0].scaleBits == nil)
  }

  @Test func missingTensorsAreNamed() {
    for name in ["shard_0.weight", "shard_77.weight", "weight_scale"] {
      var made = MadeCheckpoint.qwen(type: .f8e4m3)
      made.remove(embedding + name)
      expectRefused(made, embedding + name)
    }
  }

  @Test func tensorsOfAnotherTypeOrShapeAreNamed() {
    let scale = embedding + "weight_scale"
    var made = MadeCheckpoint.qwen(type: .f8e4m3)
    made[scale].type = .i32
    expectRefused(made, scale, "I32", "F32 [1]")

    made = .qwen(type: .f8e4m3)
    made[scale].shape = [2]
    made[scale].bytes += [0, 0, 0, 0]
    expectRefused(made, scale, "F32 [2]")

    let shard = embedding + "shard_9.weight"
    made = .qwen()
    made[shard].type = .f16
    expectRefused(made, shard, "F16", "BF16")

    made = .qwen()
    let rows = made[shard].shape[0]
    made[shard].shape = [rows * 2, 16]
    expectRefused(made, shard, "[\(rows * 2), 16]")

    let multipliers = MadeCheckpoint.qwenPrefix + "layer_multipliers"
    made = .qwen()
    made[multipliers].type = .f64
    expectRefused(made, multipliers, "F64", "I64")

    expectRefused(.qwen(multipliers: [1, 3]), "multipliers")
  }

  @Test func rowsThatAreNotThePrimesSumAreRefusedWithBothNumbers() {
    let sum = MadeCheckpoint.primes(from: 300, count: 16).reduce(0, +)
    let expected = (sum + 127) / 128 * 128
    var made = MadeCheckpoint.qwen()
    let last = embedding + "shard_127.weight"
    made[last].shape[0] -= 1
    made[last].bytes.removeLast(64)
    expectRefused(made, "\(expected - 1)", "\(expected)")

    made = .qwen()
    made.remove(last)
    expectRefused(made, "\(expected / 128 * 127)", "\(expected)")
  }
}
