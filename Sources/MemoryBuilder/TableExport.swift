import CKernels
import Files
import Foundation
import MemoryTables
import Safetensors

/// Writes tables back as the safetensors tensors that they came from.
public struct TableExport: Sendable {
  /// Rows that are read at once.
  private static let batch = 16_384

  private let tables: [Table]

  /// An export of these tables. Give all tables of an import to get its files back whole.
  public init(tables: [Table]) {
    self.tables = tables
  }

  private struct Piece {
    var tensor: TableManifest.Source.Tensor
    var table: Table

    var declaration: TensorDeclaration? {
      TensorType(rawValue: tensor.type).map {
        TensorDeclaration(name: tensor.name, type: $0, shape: tensor.shape)
      }
    }
  }

  /// Writes the files into `folder`, which must be new or empty.
  ///
  /// A source file that held nothing but these tables comes back byte for byte, under its own
  /// name; tensors from other files go into `memory-tables.safetensors`.
  ///
  /// - Returns: the files' names.
  /// - Throws: `BuilderError`, `TableError`, `SafetensorsError`, `FileError`; what `progress`
  ///   throws. The folder is emptied again then.
  public func run(
    to folder: String, progress: @escaping TableWriter.Progress = { _, _ in }
  ) throws -> [String] {
    if DurableFile.isFolder(folder), try !DurableFile.names(in: folder).isEmpty {
      throw BuilderError.folderNotEmpty(path: folder)
    }
    try DurableFile.createDurableFolder(folder)
    var pieces: [String: Piece] = [:]
    for table in tables {
      let source = table.manifest.source
      guard !source.tensors.isEmpty else {
        throw BuilderError.noTensors(table: table.manifest.name)
      }
      for tensor in source.tensors {
        guard pieces.updateValue(Piece(tensor: tensor, table: table), forKey: tensor.name) == nil
        else {
          throw BuilderError.conflictingTables(
            "two of the tables hold tensor \(tensor.name); export them one by one")
        }
      }
    }
    var written: [String] = []
    let total = pieces.values.reduce(0) { $0 + Self.byteCount($1.tensor) }
    var done = 0
    let advance: (Int) throws -> Void = { count in
      done += count
      try progress(done, total)
    }
    do {
      for file in try wholeFiles(pieces: pieces) {
        let writer = try SafetensorsWriter(
          creating: folder + "/" + file.name, header: file.header)
        written.append(file.name)
        for tensor in writer.tensors {
          guard let piece = pieces.removeValue(forKey: tensor.name) else { continue }
          try write(piece, to: writer, advance: advance)
        }
        try writer.finish()
      }
      if !pieces.isEmpty {
        let name = "memory-tables.safetensors"
        let writer = try SafetensorsWriter(
          creating: folder + "/" + name,
          tensors: pieces.keys.sorted().compactMap { pieces[$0]?.declaration })
        written.append(name)
        for tensor in writer.tensors {
          guard let piece = pieces[tensor.name] else { continue }
          try write(piece, to: writer, advance: advance)
        }
        try writer.finish()
      }
      try DurableFile.synchronize(folder: folder)
    } catch {
      for name in written { try? DurableFile.remove(folder + "/" + name) }
      throw error
    }
    return written
  }

  /// Source files all of whose tensors are at hand, with their headers.
  ///
  /// - Throws: `TableError.corruptFile` where a header is not the one that was published.
  private func wholeFiles(pieces: [String: Piece]) throws -> [(name: String, header: [UInt8])] {
    var found: [String: [UInt8]] = [:]
    for table in tables {
      for file in table.manifest.source.files where found[file.name] == nil {
        guard let header = try table.attachment(file.header, limit: 128 << 20) else {
          throw TableError.corruptFile(
            path: table.folder + "/checksums", reason: "it names no \(file.header)")
        }
        let tensors = try SafetensorsFile.tensors(inHeader: header, name: file.name)
        if tensors.allSatisfy({ pieces[$0.name]?.tensor.file == file.name }) {
          found[file.name] = header
        }
      }
    }
    return found.sorted { $0.key < $1.key }.map { (name: $0.key, header: $0.value) }
  }

  private func write(
    _ piece: Piece, to writer: SafetensorsWriter, advance: (Int) throws -> Void
  ) throws {
    switch piece.tensor.place {
    case .value(let text):
      let data = Data(base64Encoded: text) ?? Data()
      try data.withUnsafeBytes { try writer.append($0, to: piece.tensor.name) }
      try advance(data.count)
    case .rows(let first, let offset, let bytes):
      let rowBytes = piece.table.manifest.rowBytes
      let rows = first..<(first + (piece.tensor.shape.first ?? 0))
      let slots = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Self.batch * rowBytes, alignment: 64)
      let parts = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Self.batch * bytes, alignment: 64)
      defer {
        slots.deallocate()
        parts.deallocate()
      }
      for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.batch) {
        let end = min(rows.upperBound, start + Self.batch)
        try (Int64(start)..<Int64(end)).map { $0 }.withUnsafeBufferPointer {
          try piece.table.gather($0, into: slots)
        }
        engram_collect_rows(
          slots.baseAddress!.assumingMemoryBound(to: UInt8.self) + offset, rowBytes,
          UInt32(bytes), end - start, parts.baseAddress!.assumingMemoryBound(to: UInt8.self))
        try writer.append(
          UnsafeRawBufferPointer(rebasing: parts[..<((end - start) * bytes)]),
          to: piece.tensor.name)
        try advance((end - start) * bytes)
      }
    }
  }

  private static func byteCount(_ tensor: TableManifest.Source.Tensor) -> Int {
    switch tensor.place {
    case .value(let text): text.utf8.count * 3 / 4
    case .rows(_, _, let bytes): (tensor.shape.first ?? 0) * bytes
    }
  }
}
