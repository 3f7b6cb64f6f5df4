import Files
import Fusion
import MemoryTables
import Storage
import Synchronization
import TestCheckpoints
import Testing

@testable import MemoryTraining

@Suite struct TrainerTests {
  @Test(arguments: [FusionForm.deepSeekV41, .engramPaper])
  func memoryLearnsWhatPairsOfTokensCannotTell(form: FusionForm) throws {
    let fixture = try TrainingFixture()
    var options = TrainingFixture.options()
    options.form = form
    let report = try fixture.trainer(options).run { _ in }
    let on = report.losses[.on]!.natsPerToken
    let off = report.losses[.off]!.natsPerToken
    #expect(on < 0.85 * off)
    #expect(report.losses[.shuffled]!.natsPerToken > 0.98 * off)
    // One token in ten is any of forty: nobody can do better than this.
    #expect(on > 0.5)
    #expect(!report.wasStopped)
    #expect(report.tokens == (try fixture.trainer(options, folder: "other")).totalTokens)
  }

  @Test func severalBranchesLearnToo() throws {
    let fixture = try TrainingFixture()
    var options = TrainingFixture.options()
    options.branches = 2
    let report = try fixture.trainer(options).run { _ in }
    #expect(report.losses[.on]!.natsPerToken < 0.85 * report.losses[.off]!.natsPerToken)
  }

  @Test func twoThreadsLearnAsWellAsOne() throws {
    let fixture = try TrainingFixture()
    var options = TrainingFixture.options()
    let one = try fixture.trainer(options).run { _ in }
    options.threads = 2
    let two = try fixture.trainer(options, folder: "two").run { _ in }
    #expect(one.tokens == two.tokens)
    #expect(two.losses[.on]!.natsPerToken < 1.1 * one.losses[.on]!.natsPerToken)
  }

  @Test func oneThreadGivesTheSameBitsEveryTime() throws {
    let fixture = try TrainingFixture(documents: 200)
    var options = TrainingFixture.options()
    options.epochs = 2
    let first = try fixture.trainer(options)
    _ = try first.run { _ in }
    let second = try fixture.trainer(options, folder: "second")
    _ = try second.run { _ in }
    #expect(try fixture.bytes(of: first) == fixture.bytes(of: second))
    options.seed = 2
    let other = try fixture.trainer(options, folder: "other")
    _ = try other.run { _ in }
    #expect(try fixture.bytes(of: first) != fixture.bytes(of: other))
  }

  @Test func aStoppedRunGoesOnToTheSameBits() throws {
    let fixture = try TrainingFixture(documents: 200)
    var options = TrainingFixture.options()
    options.epochs = 2
    let whole = try fixture.trainer(options)
    _ = try whole.run { _ in }
    let batches = Atomic(0)
    do {
      let report = try fixture.trainer(options, folder: "part").run(
        isStopped: { batches.wrappingAdd(1, ordering: .relaxed).oldValue > 20 }
      ) { _ in }
      #expect(report.wasStopped)
      #expect(report.tokens < whole.totalTokens)
      #expect(report.tokens > 0)
    }
    let resumed = try fixture.trainer(options, folder: "part", resuming: true)
    let report = try resumed.run { _ in }
    #expect(report.tokens == whole.totalTokens)
    #expect(try fixture.bytes(of: whole) == fixture.bytes(of: resumed))
  }

  @Test func publishedRowsPredictAsTheWorkingFileDoes() throws {
    let fixture = try TrainingFixture()
    var options = TrainingFixture.options()
    options.dimension = 32
    let trainer = try fixture.trainer(options)
    let report = try trainer.run { _ in }
    let on = report.losses[.on]!.natsPerToken
    for (codec, bound) in [
      (RowCodec.float32, 1e-6), (.bfloat16, 0.005), (.fp8E4M3ScaledBy32, 0.01), (.fp8E4M3, 0.02),
    ] {
      let store = try Store(path: fixture.scratch("store"), mode: .writing)
      let published = try trainer.publish(as: "m-\(codec.rawValue)", codec: codec, in: store)
      let table = try Table(TableReference(name: published.name), in: store)
      let encoded = try trainer.evaluate(
        [.on], limit: options.evaluationTokens * 4, table: table)[.on]!.natsPerToken
      #expect(abs(encoded - on) <= bound * on, "\(codec)")
      // And from the store alone.
      let model = try #require(try TrainedModel.besides(table))
      let again = try model.evaluate(
        [.on], on: fixture.stream(), table: table,
        heldOut: .init(share: options.heldOut, seed: options.seed),
        limit: options.evaluationTokens * 4, threads: 1,
        folder: fixture.scratch("evaluate-\(codec.rawValue)"))[.on]!
      #expect(abs(again.natsPerToken - encoded) < 1e-9)
      #expect(again.bytes == again.tokens)
    }
  }

  /// Gates that are worked out of it would be wrong, and nobody would see.
  @Test func aModelThatIsNotTheOneThatWasPublishedIsNotUsed() throws {
    let fixture = try TrainingFixture(documents: 200)
    let trainer = try fixture.trainer(TrainingFixture.options())
    _ = try trainer.run { _ in }
    let store = try Store(path: fixture.scratch("store"), mode: .writing)
    let published = try trainer.publish(as: "m", codec: .float32, in: store)
    let table = try Table(TableReference(name: published.name), in: store)
    let path = table.folder + "/" + TrainedModel.attachment
    var bytes = try DurableFile.read(path)
    bytes[bytes.count - 100] ^= 1
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: path) }
    #expect(throws: TableError.corruptFile(path: path, reason: "it is not what was published")) {
      try TrainedModel.besides(table)
    }
    try DurableFile.remove(path)
    #expect(throws: TableError.corruptFile(path: path, reason: "it is missing")) {
      try TrainedModel.besides(table)
    }
  }

  @Test func aRateThatIsTooHighIsFoundOutAndTheCheckpointKept() throws {
    let fixture = try TrainingFixture(documents: 200)
    var options = TrainingFixture.options()
    options.epochs = 1000
    options.schedule = .constant
    let batches = Atomic(0)
    _ = try fixture.trainer(options).run(
      isStopped: { batches.wrappingAdd(1, ordering: .relaxed).oldValue > 4 }
    ) { _ in }
    let kept = try #require(try Checkpoint.newest(in: fixture.scratch("run"))?.path)
    // The same run with another rate is another run: the checkpoint is changed to hold it.
    let trainer = try fixture.trainer(options, resuming: true)
    for index in 0..<trainer.parts.host.output.count * 16 {
      trainer.parts.host.output.values[index] = .infinity
    }
    #expect {
      _ = try trainer.run { _ in }
    } throws: { error in
      guard case .diverged(_, _, _, let checkpoint)? = error as? TrainingError else { return false }
      return checkpoint == kept
    }
    #expect(try Checkpoint.newest(in: fixture.scratch("run"))?.path == kept)
  }
}
