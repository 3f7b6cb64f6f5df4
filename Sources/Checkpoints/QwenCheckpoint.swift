import Addressing
import MemoryTables
import Safetensors

/// Tables of Qwen PLE checkpoints: `...ple.ple_embedding.ngram_embedding.shard_0.weight` and on,
/// BF16 or F8_E4M3 [rows a shard, width], one table a layer; FP8 has one scale for all of it.
/// The multipliers of the hash come from the file.
struct QwenCheckpoint {
  let folder: CheckpointFolder

  func tables() throws -> [CheckpointTable] {
    try Addressing.layers(fromConfig: folder.config).map { try table($0) }
  }

  private func table(_ fromConfig: Addressing) throws -> CheckpointTable {
    let prefix = "model.language_model.layers.\(fromConfig.layer).ple.ple_embedding."
    let embedding = prefix + "ngram_embedding."
    var strips: [TensorRows.Strip] = []
    var entries: [TableManifest.Source.Tensor] = []
    var rows = 0
    let first = try folder.tensor(embedding + "shard_0.weight")
    guard [.bf16, .f8e4m3].contains(first.tensor.type), first.tensor.shape.count == 2,
      first.tensor.shape.allSatisfy({ $0 > 0 })
    else {
      throw CheckpointError.wrongTensor(
        name: first.tensor.name, expected: "BF16 or F8_E4M3 [rows, width]", found: first.summary)
    }
    let width = first.tensor.shape[1]
    while let shard = folder.tensors[embedding + "shard_\(strips.count).weight"] {
      guard shard.tensor.type == first.tensor.type, shard.tensor.shape.count == 2,
        shard.tensor.shape[1] == width
      else {
        throw CheckpointError.wrongTensor(
          name: shard.tensor.name, expected: first.summary, found: shard.summary)
      }
      let count = shard.tensor.shape[0]
      strips.append(
        .init(
          location: shard, rows: rows..<(rows + count), bytes: width * first.tensor.type.byteCount,
          offset: 0))
      entries.append(shard.rowsEntry(first: rows, offset: 0))
      rows += count
    }
    // A hole among the shards is a missing tensor, not a smaller table.
    let shards = folder.tensors.names.count {
      $0.hasPrefix(embedding + "shard_") && $0.hasSuffix(".weight")
    }
    if shards > strips.count { _ = try folder.tensor(embedding + "shard_\(strips.count).weight") }
    var addressing = fromConfig
    if let multipliers = folder.tensors[prefix + "layer_multipliers"] {
      addressing = try addressing.withMultipliers(try Self.numbers(in: multipliers))
      entries.append(multipliers.valueEntry())
    }
    guard Int(addressing.rowCount) == rows else {
      throw CheckpointError.wrongRowCount(
        table: embedding + "shard_*.weight", rows: rows, expected: Int(addressing.rowCount))
    }
    var scaleBits: UInt32?
    if first.tensor.type == .f8e4m3 {
      let scale = try folder.tensor(embedding + "weight_scale")
      guard scale.tensor.type == .f32, scale.tensor.elementCount == 1 else {
        throw CheckpointError.wrongTensor(
          name: scale.tensor.name, expected: "F32 [1]", found: scale.summary)
      }
      // The bits as they are: a NaN stays the NaN that it is.
      scaleBits = scale.file.withUnsafeBytes(of: scale.tensor) {
        UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self))
      }
      entries.append(scale.valueEntry())
    }
    return CheckpointTable(
      layer: addressing.layer, rows: rows, dimension: width,
      codec: first.tensor.type == .bf16 ? .bfloat16 : .fp8E4M3, scaleBits: scaleBits,
      addressing: addressing,
      description: .init(kind: CheckpointFolder.Family.qwenPLE.rawValue, tensors: entries),
      source: TensorRows(strips: strips))
  }

  private static func numbers(in location: SafetensorsFolder.Location) throws -> [UInt64] {
    guard location.tensor.type == .i64, (1...16).contains(location.tensor.elementCount) else {
      throw CheckpointError.wrongTensor(
        name: location.tensor.name, expected: "I64 [N]", found: location.summary)
    }
    return location.file.withUnsafeBytes(of: location.tensor) { bytes in
      (0..<location.tensor.elementCount).map {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))
      }
    }
  }
}
