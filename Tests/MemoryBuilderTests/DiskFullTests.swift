import Files
import Foundation
import MemoryBuilder
import MemoryTables
import Storage
import TestCheckpoints
import Testing

@Suite(
  .enabled(if: SmallDisk.isAvailable, "needs the right to mount a small file system (root)"),
  .serialized)
struct DiskFullTests {
  private let made = MadeCheckpoint.plain(type: .f32, rows: 20_000, width: 64)  // 5 MB

  private func isNoSpace(_ error: any Error) -> Bool {
    let message = "\(error)"
    return !message.contains("\n")
      && (message.contains("No space left") || message.contains("free some space"))
  }

  @Test func aTableThatCannotFitIsRefusedAtOnce() throws {
    let disk = try SmallDisk(size: "6m")
    let fixture = try ImportFixture(made, store: disk.path + "/store")
    #expect {
      try fixture.run(watching: { _, _ in Issue.record("it began to write") })
    } throws: { error in
      guard case .diskFull(_, let needed, let free)? = error as? TableError else { return false }
      return needed > 5_000_000 && free < 6 << 20
    }
    #expect(try fixture.published().isEmpty && fixture.debris().isEmpty)
  }

  @Test func aDiskThatFillsUpMeanwhileFailsTheImportAlone() throws {
    let disk = try SmallDisk(size: "24m")
    let fixture = try ImportFixture(made, store: disk.path + "/store")
    try fixture.run()
    #expect { try fixture.run(watching: { _, _ in disk.fill(leaving: 0) }) } throws: {
      isNoSpace($0)
    }
    #expect(try fixture.published() == ["t@1"])
    #expect(try fixture.debris().isEmpty)
    #expect(try fixture.rows(of: "t") == made["embedding.weight"].bytes)
    try disk.empty()
    try fixture.run()
    #expect(try fixture.published() == ["t@1", "t@2"])
    #expect(try fixture.rows(of: "t@2") == made["embedding.weight"].bytes)
  }

  /// The disk gets full at every stage: the rows, the database, the directory, the commit, with
  /// the reserve and without. What
  /// an import says must be what the store has afterwards.
  @Test func whereverTheDiskGetsFullTheImportSaysWhatHappened() throws {
    let disk = try SmallDisk(size: "24m")
    let fixture = try ImportFixture(made, store: disk.path + "/store")
    try fixture.run()
    var expected = ["t@1"]
    var outcomes: Set<Bool> = []
    for step in 0..<40 {
      // 5.2 MB of files, a reserve of 4 MiB.
      let rest = step < 24 ? step * 350_000 : 9_000_000 + (step - 24) * 250_000
      do {
        let report = try fixture.run(watching: { done, total in
          if done < total { disk.fill(leaving: rest) }
        })
        expected.append("t@\(report.tables[0].version)")
        outcomes.insert(true)
      } catch {
        #expect(isNoSpace(error), "\(rest) bytes left: \(error)")
        outcomes.insert(false)
      }
      // Still full: reading works.
      #expect(try fixture.published() == expected, "\(rest) bytes left")
      try disk.empty()
      #expect(try fixture.published() == expected, "\(rest) bytes left")
      #expect(try fixture.debris().isEmpty)
      #expect(try fixture.rows(of: "t") == made["embedding.weight"].bytes)
      if expected.count > 1 {
        let store = try Store(path: fixture.store, mode: .writing)
        _ = try store.dropTable(TableReference(parsing: expected.removeLast()))
      }
    }
    #expect(outcomes == [true, false])
  }

  @Test func anExportOntoAFullDiskLeavesAnEmptyFolder() throws {
    let disk = try SmallDisk(size: "4m")
    let fixture = try ImportFixture(made)
    try fixture.run()
    #expect {
      try TableExport(tables: [fixture.open("t")]).run(to: disk.path + "/out")
    } throws: { isNoSpace($0) }
    #expect(try DurableFile.names(in: disk.path + "/out").isEmpty)
  }

  /// What a conversion needs is what its stored pages need, not what its rows would.
  @Test func aConversionThatCannotFitIsRefusedAtOnceAndASparseOneIsNot() throws {
    let disk = try SmallDisk(size: "24m")
    let fixture = try ConversionFixture(store: disk.path + "/store")
    var values = [Float](repeating: 0, count: 400_000 * 16)  // 26 MB, if all were stored
    values[16 * 300_000] = 1
    try fixture.publish(values, dimension: 16, as: .fp8E4M3ScaledBy32)
    #expect(try fixture.convert(to: .float32).errors.exactNumbers > 0)
    #expect(try fixture.numbers()[16 * 300_000] == 1)
    for index in stride(from: 0, to: values.count, by: 16) { values[index] = 1 }
    try fixture.publish(values, dimension: 16, as: .fp8E4M3ScaledBy32)
    #expect {
      try fixture.convert(to: .float32) { _, _ in Issue.record("it began to write") }
    } throws: { error in
      guard case .diskFull(_, let needed, _)? = error as? TableError else { return false }
      return needed > 25_000_000
    }
    #expect(try fixture.published() == ["new@1", "t@1", "t@2"] && fixture.debris().isEmpty)
  }
}
