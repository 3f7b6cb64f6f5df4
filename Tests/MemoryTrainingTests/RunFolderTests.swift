import Files
import Foundation
import SeededRandom
import TestCheckpoints
import Testing
import TokenStreams

@testable import MemoryTraining

/// What is found in a run's folder is checked before it is used.
@Suite struct RunFolderTests {
  private func stopped(_ fixture: TrainingFixture) throws -> String {
    var options = TrainingFixture.options()
    options.epochs = 1
    _ = try fixture.trainer(options).run { _ in }
    return try #require(try Checkpoint.newest(in: fixture.scratch("run"))?.path)
  }

  @Test func anEarlierRunIsNeitherOverwrittenNorMixedUp() throws {
    let fixture = try TrainingFixture(documents: 100)
    var options = TrainingFixture.options()
    #expect(throws: TrainingError.noCheckpoint(path: fixture.scratch("run"))) {
      _ = try fixture.trainer(options, resuming: true)
    }
    _ = try stopped(fixture)
    #expect(throws: TrainingError.unfinishedRun(path: fixture.scratch("run"))) {
      _ = try fixture.trainer(options)
    }
    options.width = 8
    #expect {
      _ = try fixture.trainer(options, resuming: true)
    } throws: { error in
      if case .foreignFolder? = error as? TrainingError { true } else { false }
    }
  }

  @Test func anyFlippedBitOfACheckpointIsFound() throws {
    let fixture = try TrainingFixture(documents: 100)
    let path = try stopped(fixture)
    var options = TrainingFixture.options()
    options.epochs = 1
    var generator = SeededGenerator(seed: 3)
    for name in ["state.json", "rows", "embedding", "output", "bias"] {
      let file = URL(fileURLWithPath: path + "/" + name)
      let good = try Data(contentsOf: file)
      for _ in 0..<8 {
        var bad = good
        bad[Int.random(in: 0..<bad.count, using: &generator)] ^=
          1 << UInt8.random(in: 0..<8, using: &generator)
        try bad.write(to: file)
        #expect(throws: TrainingError.self, "\(name)") {
          _ = try fixture.trainer(options, resuming: true)
        }
      }
      try good.write(to: file)
    }
    _ = try fixture.trainer(options, resuming: true)
  }

  @Test func aChangedTokenOfTheCorpusIsFound() throws {
    let fixture = try TrainingFixture(documents: 100)
    _ = try stopped(fixture)
    var options = TrainingFixture.options()
    options.epochs = 1
    let file = URL(fileURLWithPath: fixture.scratch("run") + "/corpus/training")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count / 2 & ~3] ^= 1
    try bytes.write(to: file)
    #expect {
      _ = try fixture.trainer(options, resuming: true)
    } throws: { error in
      if case .corruptFile? = error as? TrainingError { true } else { false }
    }
  }

  @Test func sparseCopiesGiveBackEveryNumberAndNoHole() throws {
    let scratch = try ScratchFolder()
    let rows = try UpdatableRows(count: 200_000, dimension: 16, path: scratch("rows"))
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<50 {
      let row = Int.random(in: 0..<rows.count, using: &generator)
      rows.values[row * 16 + 3] = Float(row)
      rows.accumulators[row] = 1
    }
    let sum = try SparseCopy.write(rows, to: scratch("copy"))
    #expect(DurableFile.size(of: scratch("copy"))! < rows.byteCount / 2)
    let other = try UpdatableRows(count: 200_000, dimension: 16, path: scratch("other"))
    other.values[17] = 5
    try SparseCopy.read(scratch("copy"), into: other, checksum: sum)
    #expect(memcmp(rows.bytes.baseAddress!, other.bytes.baseAddress!, rows.byteCount) == 0)
  }

  @Test func theHeldOutPartIsNeverLearnedFrom() throws {
    let fixture = try TrainingFixture(documents: 300)
    let heldOut = HeldOut(share: 0.2, seed: 9)
    let corpus = try TokenCorpus.make(
      from: fixture.stream(), heldOut: heldOut, share: 0.2, seed: 9,
      in: fixture.scratch("corpus"), threads: 2)
    func documents(_ part: TokenCorpus.Part) -> [[Int32]] {
      (0..<part.documents).map { Array(part.document($0)) }
    }
    let all = fixture.documents.enumerated()
    #expect(
      documents(corpus.training) == all.filter { !heldOut.contains($0.offset) }.map(\.element))
    #expect(documents(corpus.heldOut) == all.filter { heldOut.contains($0.offset) }.map(\.element))
    #expect(corpus.heldOut.documents > 20)
  }
}
