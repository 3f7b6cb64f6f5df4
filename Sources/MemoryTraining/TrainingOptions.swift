import Foundation
import Fusion

/// How a memory and its host are trained. The defaults suit a corpus of some ten million tokens.
public struct TrainingOptions: Sendable, Hashable, Codable {
  /// Whose fusion adds the rows to the host's hidden states.
  public var form: FusionForm = .engramPaper
  /// Numbers that the rows of one N-gram order hold together; each of its heads has a part.
  public var dimension = 128
  /// Width of the host's hidden states, D.
  public var width = 64
  /// Parallel residual streams of the host, M.
  public var branches = 1
  /// Whether there is a memory; without, the host is trained alone: what a memory is compared to.
  public var hasMemory = true
  /// How often the corpus is read. Small corpora bear no more: rows of rare N-grams learn their few
  /// occurrences by heart, and the held-out loss rises again.
  public var epochs = 1
  /// Training ends after so many seconds, where that is earlier; the rate then falls with time, and
  /// a run is no longer reproducible.
  public var timeLimit: Double?
  /// Tokens of a batch, of each thread.
  public var batch = 512
  /// Tokens of one document that stand together in a batch.
  public var stretch = 128
  /// Tokens drawn for each batch, which the batch's own targets are told from as well.
  public var negatives = 128
  /// The base learning rate: row-wise Adagrad of the host's embeddings.
  public var rate: Float = 0.07
  /// The memory's rows learn so many times faster.
  public var rowRateFactor: Float = 5
  /// The fusion's weights learn with Adam, at this part of the base rate.
  public var denseRateFactor: Float = 0.04
  /// How the rate changes.
  public var schedule: Schedule = .linear
  /// The share of the run in which the rate rises to its full height.
  public var warmup = 0.01
  /// The length that longer gradients of single rows, and the whole gradient of the fusion, are
  /// shortened to.
  public var clip: Float = 1
  /// Where every random number begins.
  public var seed: UInt64 = 1
  /// The share of the dataset's samples that is held out.
  public var heldOut = 0.01
  /// Held-out tokens that are predicted at intervals; at the end four times as many.
  public var evaluationTokens = 20_000
  /// How often the held-out part is predicted on the way.
  public var evaluations = 10
  /// Seconds between checkpoints.
  public var checkpointSeconds: Double = 120
  /// Threads. One thread gives the same bits every time.
  public var threads = 1

  /// How the learning rate changes over a run, after the warm-up.
  public enum Schedule: String, Sendable, Hashable, Codable, CaseIterable {
    /// Falls in a straight line to a fiftieth.
    case linear
    /// Falls along a half cosine to a fiftieth.
    case cosine
    /// Stays.
    case constant
  }

  /// The defaults.
  public init() {}

  /// The numbers of a row that was never moved lie between this and its negative.
  var rowSpread: Float { 0.05 }

  /// Numbers of a row.
  ///
  /// - Throws: `TrainingError.badOption` where the heads cannot share the dimension.
  func rowWidth(heads: Int) throws(TrainingError) -> Int {
    guard dimension > 0, dimension % heads == 0 else {
      throw .badOption(
        "--dim \(dimension) does not divide among \(heads) heads; give a multiple of \(heads)")
    }
    return dimension / heads
  }

  /// The rate's factor when this share of the run is done.
  func schedule(at share: Double) -> Float {
    let share = min(1, max(0, share))
    if share < warmup { return Float((share + warmup / 50) / (warmup * 1.02)) }
    let rest = (1 - share) / max(1e-9, 1 - warmup)
    let least = 0.02
    switch schedule {
    case .linear: return Float(least + (1 - least) * rest)
    case .cosine: return Float(least + (1 - least) * (1 - cos(.pi * rest)) / 2)
    case .constant: return 1
    }
  }

  /// Checks what the compiler cannot.
  ///
  /// - Throws: `TrainingError.badOption`, which names the option.
  func validate() throws(TrainingError) {
    func require(_ holds: Bool, _ text: String) throws(TrainingError) {
      if !holds { throw .badOption(text) }
    }
    try require((1...1 << 14).contains(width), "--width \(width) is not in 1...16384")
    try require((1...64).contains(branches), "--branches \(branches) is not in 1...64")
    try require((1...10_000).contains(epochs), "--epochs \(epochs) is not in 1...10000")
    try require((16...1 << 16).contains(batch), "--batch \(batch) is not in 16...65536")
    try require((2...batch).contains(stretch), "--stretch \(stretch) is not in 2...\(batch)")
    try require((1...1 << 16).contains(negatives), "--negatives \(negatives) is not in 1...65536")
    try require(rate > 0 && rate < 1000, "--rate \(rate) is not above 0")
    try require(rowRateFactor > 0 && rowRateFactor <= 1000, "the rows' rate is not above 0")
    try require(clip > 0, "--clip \(clip) is not above 0")
    try require((0...0.5).contains(warmup), "--warmup \(warmup) is not in 0...0.5")
    try require(
      heldOut > 0 && heldOut < 1,
      "--held-out \(heldOut) is not between 0 and 1: training without "
        + "a held-out part cannot say what was learned")
    try require((1...1024).contains(threads), "--threads \(threads) is not in 1...1024")
    try require(timeLimit.map { $0 > 0 } ?? true, "the time limit is not above 0")
    try require(evaluationTokens > 0, "--evaluation-tokens \(evaluationTokens) is not above 0")
    try require((1...1000).contains(evaluations), "--evaluations \(evaluations) is not in 1...1000")
    try require(dimension > 0 && dimension <= 1 << 14, "--dim \(dimension) is not in 1...16384")
  }
}
