import ChunkStore
import Datasets
import Digests
import Files
import Foundation
import Samples
import SeededRandom
import Storage
import TestCheckpoints

/// A store of its own, and datasets in it as plain arrays go in and come out.
final class DatasetFixture {
  let scratch: ScratchFolder
  let store: Store
  let storage: DatasetWriter.Storage

  /// Small chunks, so that few bytes make many.
  static var smallStorage: DatasetWriter.Storage {
    var storage = DatasetWriter.Storage()
    storage.chunkBytes = 64 << 10
    storage.blockBytes = 4 << 10
    return storage
  }

  /// - Parameter other: a closed store to begin with a copy of.
  init(copyOf other: String? = nil, storage: DatasetWriter.Storage = smallStorage) throws {
    scratch = try ScratchFolder()
    self.storage = storage
    if let other { try FileManager.default.copyItem(atPath: other, toPath: scratch("store")) }
    store = try Store(path: scratch("store"), mode: .writing)
  }

  static let source = DatasetManifest.Source(kind: "test", inputs: ["memory"])

  func writer(
    _ name: String = "d", base: DatasetWriter.Base = .replacing,
    resuming interrupted: InterruptedIngest? = nil
  ) throws -> DatasetWriter {
    try DatasetWriter(
      name, kind: .bytes, base: base, storage: storage, threads: 2, resuming: interrupted,
      in: store)
  }

  /// Publishes samples as the next version.
  @discardableResult
  func publish(
    _ samples: [[UInt8]], as name: String = "d", base: DatasetWriter.Base = .replacing
  ) throws -> (version: DatasetVersion, progress: DatasetWriter.Progress) {
    let writer = try writer(name, base: base)
    for sample in samples { _ = try sample.withUnsafeBytes { try writer.append($0) } }
    let version = try writer.publish(message: "m", source: Self.source)
    return (version, writer.progress)
  }

  /// All samples of a version.
  func read(_ reference: String = "d") throws -> [[UInt8]] {
    try readAll(Dataset(DatasetReference(parsing: reference), in: store))
  }

  /// The chunks that a version lists.
  func chunks(of version: DatasetVersion) throws -> Set<SHA256Digest> {
    var names: Set<SHA256Digest> = []
    try Dataset(version, in: store).forEachExtent { extent, _ in names.insert(extent.chunk.name) }
    return names
  }

  /// Paths of the store's chunk files.
  func chunkFiles() throws -> [String] {
    try store.chunks.list().map { store.chunks.place(of: $0.name) }.sorted()
  }

  /// Paths of the store's manifest pages.
  func pageFiles() throws -> [String] {
    try store.manifestPages.list().map { store.manifestPages.place(of: $0.name) }.sorted()
  }

  /// Flips a bit of a file.
  static func flip(_ path: String, byte: Int, bit: UInt8 = 0) throws {
    var bytes = try DurableFile.read(path)
    bytes[byte] ^= 1 << bit
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: path) }
  }
}

/// All samples of a dataset.
func readAll(_ dataset: Dataset) throws -> [[UInt8]] {
  let reader = SampleReader(dataset)
  return try (0..<dataset.count).map { try reader.sample($0) }
}

extension SeededGenerator {
  /// So many samples of these sizes, half of them compressible.
  mutating func samples(_ count: Int, _ sizes: ClosedRange<Int>) -> [[UInt8]] {
    (0..<count).map { index in
      let size = Int.random(in: sizes, using: &self)
      guard index % 2 == 1, size > 40 else { return bytes(size) }
      return bytes(20) + [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: size - 20)
    }
  }
}
