import Addressing
import Files
import Foundation
import Fusion
import MemoryTables
import SampleOrder
import Storage
import Synchronization
import TokenStreams
import Tokenization

/// Trains a memory table, its fusion and a small host model on a dataset.
///
///     let trainer = try Trainer(options, stream: stream, addressing: addressing, folder: folder)
///     let report = try trainer.run { event in ... }
///     let table = try trainer.publish(as: "linux-doc", codec: .bfloat16, in: store)
///
/// The model: a token's hidden state is its embedding, the memory's rows are added to it by exactly
/// the addressing and fusion that a served model uses, and a linear layer predicts the next token.
/// One thread with a seed gives the same bits every time, interrupted or not. Everything that a
/// run needs is in its folder: the corpus as tokens, the rows, checkpoints.
public final class Trainer {
  /// How it trains.
  public let options: TrainingOptions
  /// What it learns from and is tested on.
  public let corpus: TokenCorpus
  /// The rule of the table's rows; `nil` without a memory.
  public let addressing: Addressing?
  /// The run's folder.
  public let folder: String
  /// Losses on the way.
  public internal(set) var curve: [CurvePoint] = []

  let tokenMap: TokenMap?
  let tokenizer: Tokenizer
  let dataset: String
  let parts: TrainingParts
  let cursor: BatchCursor
  var seconds = 0.0
  private let lock: WriterLock
  let tokenBytes: [Int32]
  var threads: [TrainingThread] = []

  /// Prepares a run: encodes the dataset, makes the working files, or goes on from a checkpoint.
  ///
  /// - Parameter addressing: of this tokenizer; see `addressing(_:overrides:tokenizer:)`. Ignored
  ///   where the options say that there is no memory.
  /// - Parameter folder: made where missing; what an earlier run left there is only used by
  ///   `resuming`.
  /// - Throws: `TrainingError`, `AddressingError`, `TokenMapError`, `FusionError`, what reading the
  ///   dataset throws, `FileError`; what `observe` throws.
  public init(
    _ options: TrainingOptions, stream: DatasetTokens, addressing: Addressing?, folder: String,
    resuming: Bool = false, observe: (Event) throws -> Void = { _ in }
  ) throws {
    try options.validate()
    try DurableFile.createFolder(folder)
    do { lock = try WriterLock(store: folder) } catch is StorageError {
      throw TrainingError.busy(path: folder)
    }
    self.options = options
    self.folder = folder
    tokenizer = stream.tokenizer
    dataset = stream.dataset.version.title
    let vocabulary = stream.tokenizer.vocabularySize
    let checkpoint = try Checkpoint.newest(in: folder)
    guard resuming || checkpoint == nil else { throw TrainingError.unfinishedRun(path: folder) }
    guard !resuming || checkpoint != nil else { throw TrainingError.noCheckpoint(path: folder) }
    if let checkpoint { try checkpoint.state.check(options, addressing, folder: folder) }

    let heldOut = HeldOut(share: options.heldOut, seed: options.seed)
    corpus = try TokenCorpus.make(
      from: stream, heldOut: heldOut, share: options.heldOut, seed: options.seed,
      in: folder + "/corpus", threads: options.threads
    ) { try observe(.encoding($0, $1)) }
    let stretches = Stretches(corpus.training, length: options.stretch)
    guard corpus.training.predictions >= options.batch else {
      throw TrainingError.corpusTooShort(
        dataset: dataset, tokens: corpus.training.predictions, batch: options.batch)
    }
    guard corpus.heldOut.predictions > 0 else {
      throw TrainingError.nothingHeldOut(dataset: dataset, share: options.heldOut)
    }

    var counts = [Int](repeating: 0, count: vocabulary)
    corpus.training.forEachDocument { for token in $0.dropFirst() { counts[Int(token)] += 1 } }
    let host = try HostModel(vocabulary: vocabulary, width: options.width)
    host.setBias(counts: counts)
    var memory: TrainingParts.Memory?
    var map: TokenMap?
    if options.hasMemory {
      guard let addressing else { throw TrainingError.badOption("a memory needs an addressing") }
      (memory, map) = try Self.makeMemory(
        options, addressing, tokenizer: stream.tokenizer, folder: folder,
        dense: checkpoint?.state.dense)
    }
    self.addressing =
      options.hasMemory ? try map.map { try addressing!.bound(to: $0) } ?? addressing : nil
    tokenMap = map
    parts = TrainingParts(
      options: options, part: corpus.training, host: host,
      sampler: CandidateSampler(counts: counts), memory: memory)
    cursor = BatchCursor(
      stretches, seed: options.seed, epochs: options.epochs,
      position: checkpoint?.state.position ?? .init())
    tokenBytes = TrainedModel.bytes(of: stream.tokenizer)
    if let checkpoint {
      try checkpoint.restore(into: parts)
      curve = checkpoint.state.curve
      seconds = checkpoint.state.seconds
    }
  }
}
