import Files
import Foundation
import Fusion
import Storage
import TokenStreams

extension Trainer {
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
}
