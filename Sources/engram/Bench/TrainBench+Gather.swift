import Files
import Foundation
import MemoryTables
import MemoryTraining
import SeededRandom
import Storage

extension TrainBench {
  /// Random rows of a published, trained table, beside a table of the same shape whose rows were
  /// brought in from outside: the same calls on both, in turns, every row checked.
  func measureGather(of trainer: Trainer) throws {
    let path = folder + "/store"
    try DurableFile.remove(path)
    defer { try? DurableFile.remove(path) }
    let store = try Store(path: path, mode: .writing)
    let trained = try Table(
      TableReference(name: trainer.publish(as: "trained", codec: .bfloat16, in: store).name),
      in: store)
    let shape = trained.manifest
    _ = try TableWriter(store: store).publish([
      (
        TableDraft(
          name: "brought-in", rows: shape.rows, dimension: shape.dimension, codec: shape.codec,
          source: .init(kind: "rows")),
        SyntheticRows(rowBytes: shape.rowBytes)
      )
    ])
    let other = try Table(TableReference(name: "brought-in"), in: store)
    // Both come into the page cache the same way: how large its pieces are shows in the figures.
    for table in [other, trained] {
      for name in try DurableFile.names(in: table.folder + "/db") where name.hasSuffix(".sst") {
        try MemoryBench.readIntoCache(table.folder + "/db/" + name)
      }
    }
    var generator = SeededGenerator(seed: 7)
    let batch = 16_384
    let ids = (0..<(32 * batch)).map { _ in
      Int64.random(in: 0..<Int64(shape.rows), using: &generator)
    }
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: batch * shape.rowBytes, alignment: 64)
    defer { bytes.deallocate() }
    let candidates = [("other", other), ("trained", trained)].map { name, table in
      Measure.Candidate(name: name) {
        try ids.withUnsafeBufferPointer { ids in
          for start in stride(from: 0, to: ids.count, by: batch) {
            try table.gather(
              UnsafeBufferPointer(rebasing: ids[start..<(start + batch)]), into: bytes)
          }
        }
      }
    }
    let medians = try Measure.medians(candidates, rounds: 9)
    func nanoseconds(_ seconds: Double) -> Double { seconds / Double(ids.count) * 1e9 }
    let name = stream.dataset.version.manifest.name
    show("\(name), gather, a table of the same shape brought in", nanoseconds(medians[0]), "ns/row")
    show(
      "\(name), gather, the trained table", nanoseconds(medians[1]), "ns/row",
      against: "a table brought in", nanoseconds(medians[0]))
  }
}
