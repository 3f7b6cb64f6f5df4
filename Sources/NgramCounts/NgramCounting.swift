import Addressing
import Datasets
import Files
import Foundation
import Storage
import Synchronization
import TokenStreams
import Tokenization

/// Counts every N-gram of a dataset's documents in bounded memory: each thread counts into hash
/// tables, one an order; a table that is full is sorted and written to a run file; the runs are
/// merged.
///
///     let counting = try NgramCounting(
///       dataset: dataset, tokenizer: tokenizer, orders: 2...4, mapped: true, memory: 2 << 30)
///     let counts = try counting.publish(as: "corpus", in: store)
///
/// Document boundaries are not crossed, and nothing is padded. Counts do not depend on threads,
/// memory or partitions, and neither does a byte of what is written.
public struct NgramCounting: Sendable {
  /// Called with how far it came; a thrown error stops the work and removes what was written.
  public typealias Progress = @Sendable (CountProgress) throws -> Void

  /// Which samples are counted.
  public enum Selection: Hashable, Sendable {
    /// All of them.
    case all
    /// All but those held out.
    case leavingOut(HeldOut)
    /// Only those held out.
    case only(HeldOut)
  }

  /// What is counted, and how.
  public let subject: CountSubject
  /// The samples that are gone through; all of them unless set.
  public var samples: Range<Int>
  let selection: Selection
  /// Shares of memory; follow from `memory` where `nil`.
  var shares: CountMemory?
  private let stream: DatasetTokens
  private let map: TokenMap?
  private let memory: Int
  private let threads: Int

  /// A count of a dataset.
  ///
  /// - Parameter orders: within 1...8.
  /// - Parameter mapped: whether tokens are compressed by the tokenizer's `TokenMap` first.
  /// - Parameter memory: bytes that the whole process may take, all it has already included.
  /// - Parameter threads: one a core where 0.
  /// - Throws: `CountError.badOrders`, `.vocabularyTooLarge`, `.noSamples`; `TokenStreamError`,
  ///   `TokenMapError`.
  public init(
    dataset: Dataset, tokenizer: Tokenizer, orders: ClosedRange<Int>, mapped: Bool,
    memory: Int = 2 << 30, threads: Int = 0, selection: Selection = .all
  ) throws {
    guard orders.lowerBound >= 1, orders.upperBound <= CountSubject.orderLimit else {
      throw CountError.badOrders(lower: orders.lowerBound, upper: orders.upperBound)
    }
    stream = try DatasetTokens(dataset, tokenizer: tokenizer)
    guard dataset.count > 0 else { throw CountError.noSamples(dataset: dataset.version.title) }
    map = mapped ? try TokenMap(tokenizer: tokenizer) : nil
    let vocabulary = map?.compressedSize ?? tokenizer.vocabularySize
    guard vocabulary <= CountSubject.vocabularyLimit else {
      throw CountError.vocabularyTooLarge(
        found: vocabulary, limit: CountSubject.vocabularyLimit)
    }
    let manifest = dataset.manifest
    var heldOut: CountSubject.HeldOutStamp?
    if case .leavingOut(let rule) = selection, rule.share > 0 {
      heldOut = .init(share: rule.share, seed: rule.seed)
    }
    subject = CountSubject(
      dataset: .init(
        name: manifest.name, version: manifest.version, identity: manifest.identity,
        samples: manifest.samples),
      heldOut: heldOut, orders: .init(lower: orders.lowerBound, upper: orders.upperBound),
      tokenizer: .init(
        sha256: tokenizer.identity.description, vocabulary: tokenizer.vocabularySize),
      tokens: .init(
        kind: mapped ? .mapped : .raw, vocabulary: vocabulary, map: map?.identity.description))
    samples = 0..<dataset.count
    self.selection = selection
    self.memory = memory
    self.threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
  }

  /// The samples of part `index` of `count`, counted from 1.
  public static func partition(_ index: Int, of count: Int, samples: Int) -> Range<Int> {
    precondition(index >= 1 && index <= count && samples >= 0)
    func start(_ part: Int) -> Int {
      let (high, low) = samples.multipliedFullWidth(by: part)
      return count.dividingFullWidth((high, low)).quotient
    }
    return start(index - 1)..<start(index)
  }

  /// Counts the samples and writes one run file: the map step.
  ///
  /// - Parameter work: a folder for full tables, beside the result where `nil`; what is written
  ///   there is removed again.
  public func write(
    to path: String, work: String? = nil, progress: @escaping Progress = { _ in }
  ) throws {
    try WorkFolder.with(WorkFolder.path(beside: path, work: work)) { folder in
      let runs = try count(into: folder, progress: progress)
      try runs.write(
        to: path, ticker: ProgressTicker(.merging, total: runs.entries, report: progress))
    }
  }

  /// Counts the samples and publishes the result as the next version of `name`.
  ///
  /// - Parameter work: a folder for full tables; the store's own where `nil`.
  /// - Throws: `CountError`, what reading samples throws, `StorageError`, `FileError`.
  public func publish(
    as name: String, in store: Store, work: String? = nil,
    progress: @escaping Progress = { _ in }
  ) throws -> PublishedCounts {
    let writer = CountsWriter(store: store, threads: threads)
    try writer.check(name: name)
    return try WorkFolder.with(WorkFolder.path(beside: store.path + "/tmp/count", work: work)) {
      let runs = try count(into: $0, progress: progress)
      return try writer.publish(runs, as: name, progress: progress)
    }
  }

  /// Counts into runs in a folder.
  func count(into folder: String, progress: @escaping Progress) throws -> RunSet {
    let shares = try shares ?? CountMemory(limit: memory, threads: threads)
    let spills = SpillFolder(folder, subject: subject)
    let manifest = stream.dataset.manifest
    let ticker = ProgressTicker(
      .counting,
      total: Int(
        Double(manifest.bytes) * Double(samples.count) / Double(max(1, manifest.samples))),
      report: progress)
    let next = Atomic(samples.lowerBound)
    // A token of text has seldom less than two bytes. Where it has, or where one thread gets more
    // than its part, tables are full sooner.
    let tokenBytes = manifest.tokens?.width ?? 2
    let slots = shares.slots(subject, ngrams: manifest.bytes / tokenBytes / threads + 1024)
    _ = try Workers.map(threads, threads: threads) { _, isCancelled in
      let worker = try CountWorker(
        stream: stream, map: map, subject: subject, slots: slots, spills: spills,
        stretchBytes: shares.stretchBytes)
      while !isCancelled() {
        let start = next.wrappingAdd(Self.samplesAtOnce, ordering: .relaxed).oldValue
        guard start < samples.upperBound else { break }
        for sample in start..<min(samples.upperBound, start + Self.samplesAtOnce) {
          guard isSelected(sample) else { continue }
          try ticker.advance(by: try worker.count(sample: sample))
        }
      }
      if !isCancelled() { try worker.finish() }
    }
    try ticker.check()
    let span = SampleSpan(from: samples.lowerBound, to: samples.upperBound)
    return RunSet(
      header: RunHeader(subject: subject, samples: span.from < span.to ? [span] : []),
      runs: spills.runs, work: folder)
  }

  private static let samplesAtOnce = 16

  private func isSelected(_ sample: Int) -> Bool {
    switch selection {
    case .all: true
    case .leavingOut(let rule): !rule.contains(sample)
    case .only(let rule): rule.contains(sample)
    }
  }
}
