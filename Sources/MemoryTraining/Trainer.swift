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
  public private(set) var curve: [CurvePoint] = []

  let tokenMap: TokenMap?
  let tokenizer: Tokenizer
  let dataset: String
  let parts: TrainingParts
  let cursor: BatchCursor
  var seconds = 0.0
  private let lock: WriterLock
  private let tokenBytes: [Int32]
  private var threads: [TrainingThread] = []

  /// Losses at one moment of a run.
  public struct CurvePoint: Sendable, Hashable, Codable {
    /// Tokens learned from.
    public var tokens: Int
    /// Seconds of training.
    public var seconds: Double
    /// The loss over candidates since the point before, in nats a token.
    public var training: Double
    /// The base learning rate.
    public var rate: Float
    /// The held-out loss with the memory on.
    public var on: HeldOutLoss
    /// The held-out loss of the host alone.
    public var off: HeldOutLoss?
  }

  /// What happens during a run.
  public enum Event: Sendable {
    /// Samples were encoded: done, and in all.
    case encoding(Int, Int)
    /// Tokens were learned from.
    case training(Progress)
    /// The held-out part was predicted.
    case evaluated(CurvePoint)
    /// Everything up to here is on the disk.
    case checkpoint(path: String)
  }

  /// How far a run has come.
  public struct Progress: Sendable {
    /// Tokens learned from, and in all.
    public var tokens: Int, total: Int
    /// The share of the run that is done: of its tokens, or of its time.
    public var share: Double
    /// The loss over candidates of the last tokens, in nats a token.
    public var loss: Double
    /// Tokens a second, of all threads, since the run began or went on.
    public var tokensPerSecond: Double
    /// The base learning rate.
    public var rate: Float
  }

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

  private static func makeMemory(
    _ options: TrainingOptions, _ addressing: Addressing, tokenizer: Tokenizer, folder: String,
    dense: DenseOptimizer.State?
  ) throws -> (TrainingParts.Memory, TokenMap?) {
    var map: TokenMap?
    switch addressing.tokens {
    case .mapped(let size, _, _):
      if let size, size < tokenizer.vocabularySize {
        throw TrainingError.vocabulary(tokenizer: tokenizer.vocabularySize, addressing: size)
      }
      map = try TokenMap(tokenizer: tokenizer)
    case .raw(let size):
      if let size, size < tokenizer.vocabularySize {
        throw TrainingError.vocabulary(tokenizer: tokenizer.vocabularySize, addressing: size)
      }
    }
    let hasher = try NgramHasher(addressing, tokenMap: map)
    let width = try options.rowWidth(heads: addressing.heads)
    let shape = try FusionShape(
      form: options.form, branches: options.branches, width: options.width,
      inputs: addressing.columns * width, kernel: options.form == .deepSeekV41 ? 0 : 4,
      dilation: addressing.maxOrder)
    let rows = Int(addressing.rowCount)
    let needed = rows * (width + 1) * 4 + 8192
    let free = try freeBytes(in: folder)
    guard needed < free else {
      throw TrainingError.diskFull(path: folder, needed: needed, free: free)
    }
    let file = try UpdatableRows(count: rows, dimension: width, path: folder + "/rows")
    let optimizer =
      dense.map { DenseOptimizer($0) }
      ?? DenseOptimizer(FusionParameters(shape: shape, seed: options.seed).values)
    let memory = TrainingParts.Memory(
      hasher: hasher, rows: file, shape: shape, dense: optimizer, spread: options.rowSpread)
    return (memory, map)
  }

  /// The addressing of a preset for a tokenizer: the first layer's, its vocabulary the tokenizer's.
  ///
  /// - Parameter overrides: where it names a base, layers or a vocabulary, that is taken.
  /// - Throws: `AddressingError`, `TokenMapError`; `TrainingError.vocabulary` where the overrides'
  ///   vocabulary is smaller than the tokenizer's.
  public static func addressing(
    _ preset: Addressing.Preset, overrides: Addressing.Overrides, tokenizer: Tokenizer
  ) throws -> Addressing {
    var overrides = overrides
    let size = tokenizer.vocabularySize
    if let given = overrides.vocabularySize, given < size {
      throw TrainingError.vocabulary(tokenizer: size, addressing: given)
    }
    overrides.vocabularySize = size
    if overrides.base == nil { overrides.base = [1 << 17] }
    if preset == .qwenPLE {
      if overrides.padTokenID == nil { overrides.padTokenID = 0 }
    } else if overrides.compressedVocabularySize == nil {
      overrides.compressedVocabularySize = try TokenMap(tokenizer: tokenizer).compressedSize
    }
    return try Addressing.layers(of: preset, overrides: overrides)[0]
  }

  // MARK: - The run

  /// Tokens of all epochs.
  public var totalTokens: Int { corpus.training.predictions * options.epochs }

  /// What came of a run.
  public struct Report: Sendable {
    /// Tokens learned from, over all epochs and resumptions.
    public var tokens: Int
    /// Seconds of training, evaluations left out.
    public var seconds: Double
    /// Whether it was stopped before its end.
    public var wasStopped: Bool
    /// The last held-out losses, by mode.
    public var losses: [MemoryMode: HeldOutLoss]
  }

  /// Trains to the end, or until `isStopped` says so.
  ///
  /// - Parameter observe: hears of events; what it throws ends the run at once, and what was learned
  ///   since the last checkpoint is lost.
  /// - Throws: `TrainingError.diverged`, `.diskFull`; `FileError`. The last checkpoint stays.
  public func run(
    isStopped: @escaping @Sendable () -> Bool = { false }, observe: (Event) throws -> Void
  ) throws -> Report {
    MatrixProduct.useThreads(1)
    if threads.isEmpty {
      threads = (0..<options.threads).map { _ in TrainingThread(parts) }
    }
    let began = cursor.position.tokens
    let before = seconds
    var sinceCheckpoint = 0.0
    var sincePoint = TrainingThread.Outcome()
    var nextPoint = nextEvaluation(after: began)
    // A model that knows nothing is about as good as a guess among all tokens; one that is so much
    // worse is lost, however bad it was when this run began.
    let highest = log(Double(parts.host.vocabulary)) + 4
    let round = max(options.batch * options.threads, 1 << 17)
    while !isAtEnd, !isStopped() {
      try checkDisk(round: round)
      let start = DispatchTime.now()
      let outcome = try trainRound(tokens: round, isStopped: isStopped)
      let elapsed = Self.seconds(since: start)
      seconds += elapsed
      sinceCheckpoint += elapsed
      guard outcome.tokens > 0 else { continue }
      let loss = outcome.loss / Double(outcome.tokens)
      guard outcome.bad == 0, loss.isFinite, loss < highest else {
        throw TrainingError.diverged(
          tokens: cursor.position.tokens, loss: loss, rate: rate,
          checkpoint: try Checkpoint.newest(in: folder)?.path)
      }
      sincePoint.tokens += outcome.tokens
      sincePoint.loss += outcome.loss
      let done = cursor.position.tokens
      try observe(
        .training(
          Progress(
            tokens: done, total: totalTokens, share: share, loss: loss,
            tokensPerSecond: Double(done - began) / max(1e-9, seconds - before), rate: rate)))
      if share >= nextPoint || isAtEnd {
        nextPoint = nextEvaluation(after: done)
        let losses = try evaluate([.on, .off], limit: options.evaluationTokens)
        let point = CurvePoint(
          tokens: done, seconds: seconds,
          training: sincePoint.loss / Double(max(1, sincePoint.tokens)), rate: rate,
          on: losses[.on]!, off: losses[.off])
        sincePoint = .init()
        curve.append(point)
        try observe(.evaluated(point))
      }
      if sinceCheckpoint >= options.checkpointSeconds, !isAtEnd {
        sinceCheckpoint = 0
        try observe(.checkpoint(path: try saveCheckpoint()))
      }
    }
    try observe(.checkpoint(path: try saveCheckpoint()))
    let modes: [MemoryMode] = parts.memory == nil ? [.on] : MemoryMode.allCases
    return Report(
      tokens: cursor.position.tokens, seconds: seconds, wasStopped: !isAtEnd,
      losses: try evaluate(modes, limit: options.evaluationTokens * 4))
  }

  private var isAtEnd: Bool {
    cursor.isAtEnd || (options.timeLimit.map { seconds >= $0 } ?? false)
  }

  private var share: Double {
    let tokens = Double(cursor.position.tokens) / Double(max(1, totalTokens))
    return min(1, max(tokens, options.timeLimit.map { seconds / $0 } ?? 0))
  }

  /// The base rate at this moment.
  private var rate: Float { options.rate * options.schedule(at: share) }

  private func nextEvaluation(after tokens: Int) -> Double {
    let steps = Double(options.evaluations)
    return ((share * steps + 1e-9).rounded(.down) + 1) / steps
  }

  /// Lets all threads learn from about so many tokens.
  private func trainRound(
    tokens: Int, isStopped: @escaping @Sendable () -> Bool
  ) throws -> TrainingThread.Outcome {
    cursor.extend(by: tokens)
    let limit = options.timeLimit
    let (seconds, total, options, cursor) = (seconds, totalTokens, options, cursor)
    let start = DispatchTime.now()
    // Each worker takes the thread of its number, and no other does.
    nonisolated(unsafe) let threads = threads
    let outcomes = try Workers.map(threads.count, threads: threads.count) { index, isCancelled in
      var sum = TrainingThread.Outcome()
      while !isCancelled(), !isStopped(), let batch = cursor.next(tokens: options.batch) {
        var share = Double(batch.position.tokens) / Double(max(1, total))
        if let limit { share = max(share, (seconds + Self.seconds(since: start)) / limit) }
        let outcome = try threads[index].learn(
          from: batch, rate: options.rate * options.schedule(at: share))
        sum.tokens += outcome.tokens
        sum.loss += outcome.loss
        sum.bad += outcome.bad
        if outcome.bad > 0 || !outcome.loss.isFinite { break }
      }
      return sum
    }
    return outcomes.reduce(into: .init()) {
      $0.tokens += $1.tokens
      $0.loss += $1.loss
      $0.bad += $1.bad
    }
  }

  /// A sparse file that cannot get a page kills the process that touches it: so the disk must have
  /// room for every page that a round may touch.
  private func checkDisk(round tokens: Int) throws {
    guard let memory = parts.memory else { return }
    let pages = tokens * memory.columns * 2
    let needed = min(memory.rows.unallocatedBytes, pages * 4096)
    let free = try Self.freeBytes(in: folder)
    guard needed < free else {
      throw TrainingError.diskFull(path: folder, needed: needed, free: free)
    }
  }

  static func freeBytes(in folder: String) throws -> Int {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { throw FileError("stat", folder) }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }

  static func seconds(since start: DispatchTime) -> Double {
    Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
  }

  // MARK: - What it has learned

  /// The loss on the held-out part at this moment.
  public func evaluate(
    _ modes: [MemoryMode], limit: Int, table: Table? = nil
  ) throws -> [MemoryMode: HeldOutLoss] {
    let evaluator = Evaluator(
      host: parts.host, memory: try evaluationMemory(table), tokenBytes: tokenBytes,
      seed: options.seed)
    var losses: [MemoryMode: HeldOutLoss] = [:]
    for mode in modes {
      losses[mode] = try evaluator.loss(
        on: corpus.heldOut, mode: mode, limit: limit, threads: options.threads)
    }
    return losses
  }

  private func evaluationMemory(_ table: Table?) throws -> Evaluator.Memory? {
    guard let memory = parts.memory, let fusion else { return nil }
    let rows = memory.rows
    let gather: Evaluator.Rows =
      if let table {
        { try table.gather($0, decodedInto: $1) }
      } else {
        { rows.copy($0, to: $1.baseAddress!) }
      }
    return Evaluator.Memory(
      hasher: memory.hasher, weights: try fusion.weights(), rowCount: rows.count,
      reach: memory.shape.reach, rows: gather)
  }

  var fusion: FusionParameters? {
    guard let memory = parts.memory else { return nil }
    var parameters = FusionParameters(shape: memory.shape, seed: 0)
    parameters.values = memory.dense.snapshot.values
    return parameters
  }

  /// The host and the fusion as they are now.
  public var model: TrainedModel {
    TrainedModel(
      options: options, tokenizer: tokenizer.identity.description, fusion: fusion,
      host: parts.host)
  }
}
