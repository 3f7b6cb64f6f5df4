import ArgumentParser
import Corpora
import DatasetBuilder
import Datasets
import Dispatch
import Samples
import Storage

/// Puts a corpus into the store.
struct IngestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Put files into a dataset, as a new version.",
    discussion: """
      Reads text, Markdown, reStructuredText, HTML, source code (a document a file), JSONL, CSV, \
      TSV (a document a record), MosaicML shards, WebDataset tars, FFRecord, Megatron .bin/.idx \
      and .npy token arrays, each also as .gz .zst .bz2 .lz4. What goes in comes out: nothing is \
      changed, and nothing is left out that was not asked for.

      The first bad record ends the ingest, unless --skip-bad is given. Stopped or killed, the \
      store shows what it showed before; --resume goes on with what had come in.

        engram ingest docs --dataset corpus
        engram ingest 'data/*.jsonl.zst' --dataset web --text-field content --skip-bad
        engram ingest linux --dataset code --exclude 'tools/**' --near-dedup 0.8
        cat more.jsonl | engram ingest - --dataset web --append --message "May"
        engram ingest tokens.npy --dataset tokens --no-compress
      """)

  @Argument(
    help: ArgumentHelp("Files, folders, globs, or - for standard input.", valueName: "path"))
  var paths: [String]

  @Option(name: [.short, .long], help: ArgumentHelp("The dataset.", valueName: "name"))
  var dataset: String

  @Flag(help: "Go behind the samples that the dataset has, instead of replacing them.")
  var append = false

  @Option(help: ArgumentHelp("What to remember about this version.", valueName: "text"))
  var message = ""

  @Flag(help: "Go on with an interrupted ingest of the same sources.")
  var resume = false

  @OptionGroup(title: "How sources are read") var corpus: CorpusArguments

  @Flag(help: "Leave out samples whose text is that of one before.")
  var dedup = false

  @Option(
    help: ArgumentHelp(
      "Leave out documents at least this similar to one before: Jaccard similarity of word "
        + "5-grams, by MinHash.", valueName: "0..1"))
  var nearDedup: Double?

  @Option(help: ArgumentHelp("Memory for finding duplicates.", valueName: "size"))
  var dedupMemory = "1G"

  @Flag(help: "Go on behind records that cannot be read, and list them in the bad file.")
  var skipBad = false

  @Option(
    help: ArgumentHelp(
      "Where --skip-bad lists records, JSON lines (default: DATASET.bad.jsonl).",
      valueName: "file"))
  var badFile: String?

  @OptionGroup(title: "How chunks are stored") var chunks: ChunkArguments
  @Option(help: ArgumentHelp("Worker threads (default: one a core).", valueName: "count"))
  var threads: Int?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let nearDedup, !(nearDedup > 0 && nearDedup <= 1) {
      throw ValidationError("--near-dedup takes a similarity above 0, up to 1")
    }
    if badFile != nil, !skipBad { throw ValidationError("--bad-file goes with --skip-bad") }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be 1 to 1024")
    }
    guard ByteCount.parse(dedupMemory) != nil else {
      throw ValidationError("--dedup-memory takes a size such as 512M or 4G")
    }
  }

  func run() throws {
    var ingest = Ingest(paths: paths, dataset: dataset)
    ingest.corpus = try corpus.options
    ingest.isAppending = append
    ingest.message = message
    ingest.isResuming = resume
    ingest.duplicates.removesExact = dedup
    ingest.duplicates.nearThreshold = nearDedup
    ingest.duplicates.memory = ByteCount.parse(dedupMemory) ?? 1 << 30
    ingest.storage = try chunks.storage
    if let threads { ingest.threads = threads }
    if skipBad {
      ingest.sideFile =
        badFile ?? dataset.replacing("/", with: "-") + ".bad.jsonl"
    }
    _ = try DatasetReference(parsing: dataset)
    // A wrong path must not leave an empty store behind.
    let plan = try ingest.scan()
    let destination = try store.open(.writing)
    Interruption.watch()
    let start = DispatchTime.now()
    let bar = ProgressBar("ingesting")
    defer { bar.clear() }
    let report: IngestReport
    do {
      report = try ingest.run(plan, into: destination) { progress in
        try bar.update(
          progress.bytes, progress.totalBytes,
          detail: "\(progress.samples) \(ingest.corpus.kind?.rawValue ?? "sample")s")
      }
    } catch is CancellationError {
      bar.clear()
      let isKept = try destination.interruptedIngest(of: dataset) != nil
      StandardStreams.note(
        "engram: stopped; \(dataset) is as it was"
          + (isKept ? ", and what came in is kept: go on with --resume" : ""))
      throw ExitCode(130)
    }
    bar.clear()
    try IngestSummary(report, seconds: ProgressBar.seconds(since: start)).show(output.format)
  }
}
