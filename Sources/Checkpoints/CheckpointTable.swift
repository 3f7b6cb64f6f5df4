import Addressing
import Foundation
import MemoryTables
import Safetensors

/// A memory table as a checkpoint holds it: its rows, where they lie, and how they are addressed.
public struct CheckpointTable: Sendable {
  /// The model's layer, from 0; nil for a plain tensor.
  public let layer: Int?
  /// Rows.
  public let rows: Int
  /// Numbers in a row.
  public let dimension: Int
  /// How they are stored.
  public let codec: RowCodec
  /// The table-wide scale, as float32 bits, where the codec has one.
  public let scaleBits: UInt32?
  /// How tokens become row ids; nil where that is not known.
  public let addressing: Addressing?
  /// Kind and tensors.
  public let description: TableManifest.Source
  /// The rows' bytes, in the store's layout.
  public let source: TensorRows

  /// A draft of this table under a name.
  ///
  /// - Parameters:
  ///   - addressing: in place of this table's own, e.g. with the token map's identity.
  ///   - headers: files whose headers are to be kept; those that hold no tensor of this table
  ///     are passed over.
  public func draft(
    name: String, addressing: Addressing?, headers: [SafetensorsFile] = [],
    attachments: [String: [UInt8]] = [:]
  ) -> TableDraft {
    var description = description
    var attachments = attachments
    let mine = Set(description.tensors.map(\.file))
    for file in headers {
      guard mine.contains(file.fileName) else { continue }
      let header = "source-\(description.files.count).header"
      description.files.append(.init(name: file.fileName, header: header))
      attachments[header] = file.header
    }
    return TableDraft(
      name: name, rows: rows, dimension: dimension, codec: codec, scaleBits: scaleBits,
      addressing: addressing ?? self.addressing, source: description, attachments: attachments)
  }
}

extension SafetensorsFile {
  /// The file's name without its folder.
  var fileName: String { String(path.split(separator: "/").last ?? "") }
}

extension SafetensorsFolder.Location {
  /// "F8_E4M3 [4, 256]".
  var summary: String {
    let shape = tensor.shape.prefix(8).map(String.init).joined(separator: ", ")
    return "\(tensor.type.rawValue) [\(shape)\(tensor.shape.count > 8 ? ", ..." : "")]"
  }

  /// The manifest's entry for rows that lie in this tensor.
  func rowsEntry(first: Int, offset: Int) -> TableManifest.Source.Tensor {
    let width = tensor.shape.dropFirst().reduce(1, *) * tensor.type.byteCount
    return .init(
      name: tensor.name, type: tensor.type.rawValue, shape: tensor.shape, file: file.fileName,
      place: .rows(first: first, offset: offset, bytes: width))
  }

  /// The manifest's entry for a tensor of a few bytes.
  func valueEntry() -> TableManifest.Source.Tensor {
    let data = file.withUnsafeBytes(of: tensor) { Data($0) }
    return .init(
      name: tensor.name, type: tensor.type.rawValue, shape: tensor.shape, file: file.fileName,
      place: .value(data.base64EncodedString()))
  }
}
