import Corpora
import Datasets
import Foundation
import Samples
import Storage

/// Puts sources into a dataset: reads on all cores, in order, and publishes one version at the end.
///
///     var ingest = Ingest(paths: ["docs"], dataset: "corpus")
///     ingest.message = "first import"
///     let report = try ingest.run(into: store)
///
/// Stopped at any moment, the store shows what it showed before; what had come in durably is kept
/// for `isResuming`, which ends with the version that an unbroken run would have made.
public struct Ingest: Sendable {
  /// Files, folders, globs, or `-` for standard input.
  public var paths: [String]
  /// The dataset's name.
  public var dataset: String
  /// How sources are read.
  public var corpus = CorpusOptions()
  /// Whether samples go behind those of the version before, instead of replacing them.
  public var isAppending = false
  /// What the version's maker says about it.
  public var message = ""
  /// How chunks are made.
  public var storage = DatasetWriter.Storage()
  /// Which samples are left out because an equal or similar one is in already.
  public var duplicates = DuplicateFilter.Options()
  /// Where records go that cannot be read; `nil`: the first one ends the ingest.
  public var sideFile: String?
  /// Whether to go on with an interrupted ingest of the same sources.
  public var isResuming = false
  /// Threads that read, and as many that seal chunks.
  public var threads = ProcessInfo.processInfo.activeProcessorCount

  /// How far an ingest has come.
  public struct Progress: Sendable {
    /// Bytes of the sources that were read.
    public var bytes = 0
    /// Bytes of all sources; 0 where that cannot be known.
    public var totalBytes = 0
    /// Samples that went in.
    public var samples = 0
  }

  /// An ingest with the defaults.
  public init(paths: [String], dataset: String) {
    self.paths = paths
    self.dataset = dataset
  }

  /// Finds what there is to read, and reads none of it.
  ///
  /// - Throws: `CorporaError` where a source is not there, or nothing in it can be read.
  public func scan() throws -> CorpusPlan { try CorpusPlan.scan(paths, options: corpus) }

  /// Reads everything and publishes it.
  ///
  /// - Parameter plan: what `scan()` found; `nil` scans.
  /// - Parameter store: open for writing.
  /// - Parameter progress: called often; what it throws ends the ingest.
  /// - Throws: `IngestError`, `CorporaError`, `DatasetError`, `ChunkError`, `FileError`; the store
  ///   shows what it showed before.
  public func run(
    _ plan: CorpusPlan? = nil, into store: Store, progress: (Progress) throws -> Void = { _ in }
  ) throws -> IngestReport {
    let plan = try plan ?? scan()
    let interrupted = isResuming ? try store.interruptedIngest(of: dataset) : nil
    guard !isResuming || interrupted != nil else {
      throw DatasetError.nothingToResume(name: dataset)
    }
    let writer = try DatasetWriter(
      dataset, kind: plan.kind, tokens: plan.tokens, base: isAppending ? .appending : .replacing,
      storage: storage, threads: threads, resuming: interrupted, in: store)
    defer { writer.close() }
    var run = try IngestRun(self, plan: plan, writer: writer, interrupted: interrupted)
    do {
      try run.readAll(progress)
      return try run.publish()
    } catch {
      // What is durable stays so; an error on the way there must not hide the first one.
      try? writer.suspend()
      throw error
    }
  }

  /// What the manifest says about the sources.
  func source(kind: SampleKind) -> DatasetManifest.Source {
    var options = ["kind": kind.rawValue]
    if let format = corpus.format { options["format"] = format.rawValue }
    if kind == .document { options["text-field"] = corpus.textField }
    if let field = corpus.idField { options["id-field"] = field }
    if !corpus.exclude.isEmpty { options["exclude"] = corpus.exclude.joined(separator: " ") }
    if !corpus.include.isEmpty { options["include"] = corpus.include.joined(separator: " ") }
    if corpus.minimumBytes > 0 { options["min-bytes"] = "\(corpus.minimumBytes)" }
    if let language = corpus.languageHint { options["language-hint"] = language }
    if corpus.html == .raw { options["html"] = corpus.html.rawValue }
    if let length = corpus.sequenceLength { options["sequence-length"] = "\(length)" }
    if duplicates.removesExact { options["dedup"] = "exact" }
    if let threshold = duplicates.nearThreshold { options["near-dedup"] = "\(threshold)" }
    if sideFile != nil { options["skip-bad"] = "true" }
    return DatasetManifest.Source(kind: "ingest", inputs: paths, options: options)
  }
}
