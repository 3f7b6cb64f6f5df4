import Addressing
import MemoryTables
import Safetensors

/// Tables of DeepSeek-V4.1 checkpoints: `layers.N.engram.embed.weight` F8_E4M3 [rows, width] and
/// `.embed.scale` F8_E8M0 [rows, width / 32], rows as many as the sum of the layer's primes.
struct DeepSeekCheckpoint {
  let folder: CheckpointFolder

  func tables() throws -> [CheckpointTable] {
    try Addressing.layers(fromConfig: folder.config).map { addressing in
      let prefix = "layers.\(addressing.layer).engram.embed."
      let codes = try folder.tensor(prefix + "weight")
      let scales = try folder.tensor(prefix + "scale")
      guard codes.tensor.type == .f8e4m3, codes.tensor.shape.count == 2,
        codes.tensor.shape[1] > 0, codes.tensor.shape[1] % 32 == 0
      else {
        throw CheckpointError.wrongTensor(
          name: codes.tensor.name, expected: "F8_E4M3 [rows, a multiple of 32]",
          found: codes.summary)
      }
      let rows = codes.tensor.shape[0]
      let width = codes.tensor.shape[1]
      guard scales.tensor.type == .f8e8m0, scales.tensor.shape == [rows, width / 32] else {
        throw CheckpointError.wrongTensor(
          name: scales.tensor.name, expected: "F8_E8M0 [\(rows), \(width / 32)]",
          found: scales.summary)
      }
      guard Int(addressing.rowCount) == rows else {
        throw CheckpointError.wrongRowCount(
          table: codes.tensor.name, rows: rows, expected: Int(addressing.rowCount))
      }
      return CheckpointTable(
        layer: addressing.layer, rows: rows, dimension: width, codec: .fp8E4M3ScaledBy32,
        scaleBits: nil, addressing: addressing,
        description: .init(
          kind: CheckpointFolder.Family.deepseekV41.rawValue,
          tensors: [
            codes.rowsEntry(first: 0, offset: 0), scales.rowsEntry(first: 0, offset: width),
          ]),
        source: TensorRows(strips: [
          .init(location: codes, rows: 0..<rows, bytes: width, offset: 0),
          .init(location: scales, rows: 0..<rows, bytes: width / 32, offset: width),
        ]))
    }
  }
}
