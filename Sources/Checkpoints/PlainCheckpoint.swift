import Addressing
import MemoryTables
import Safetensors

/// One [rows, width] tensor as a table, with addressing given by the caller or none.
struct PlainCheckpoint {
  let folder: CheckpointFolder

  func table(_ name: String?, addressing: Addressing?) throws -> CheckpointTable {
    let location = try folder.tensor(try name ?? onlyCandidate())
    guard location.tensor.shape.count == 2, location.tensor.shape.allSatisfy({ $0 > 0 }),
      let codec = Self.codec(of: location.tensor.type)
    else {
      throw CheckpointError.wrongTensor(
        name: location.tensor.name, expected: "F32, F16, BF16 or F8_E4M3 [rows, width]",
        found: location.summary)
    }
    let rows = location.tensor.shape[0]
    let width = location.tensor.shape[1]
    if let addressing, Int(addressing.rowCount) != rows {
      throw CheckpointError.wrongRowCount(
        table: location.tensor.name, rows: rows, expected: Int(addressing.rowCount))
    }
    return CheckpointTable(
      layer: nil, rows: rows, dimension: width, codec: codec,
      scaleBits: codec == .fp8E4M3 ? Float(1).bitPattern : nil, addressing: addressing,
      description: .init(
        kind: CheckpointFolder.Family.plain.rawValue,
        tensors: [location.rowsEntry(first: 0, offset: 0)]),
      source: TensorRows(strips: [
        .init(
          location: location, rows: 0..<rows, bytes: width * location.tensor.type.byteCount,
          offset: 0)
      ]))
  }

  private func onlyCandidate() throws -> String {
    let candidates = folder.tensors.names.filter { name in
      guard let tensor = folder.tensors[name]?.tensor else { return false }
      return tensor.shape.count == 2 && Self.codec(of: tensor.type) != nil
    }
    switch candidates.count {
    case 0: throw CheckpointError.noTables(path: folder.path)
    case 1: return candidates[0]
    default: throw CheckpointError.ambiguousTensor(path: folder.path, candidates: candidates)
    }
  }

  private static func codec(of type: TensorType) -> RowCodec? {
    switch type {
    case .f32: .float32
    case .f16: .float16
    case .bf16: .bfloat16
    case .f8e4m3: .fp8E4M3
    default: nil
    }
  }
}
