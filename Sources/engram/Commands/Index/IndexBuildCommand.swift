import ArgumentParser
import Datasets
import Dispatch
import Retrieval
import Storage
import Terms
import Tokenization

/// Indexes a dataset version.
struct IndexBuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Index the passages of a dataset version.",
    discussion: """
      Documents are cut at paragraphs and sentences into passages. Where another version of the \
      dataset has an index with the same options, only samples that are new are read; what is not \
      given here is as in that index. Stopped or killed, nothing has changed.

        engram index build docs
        engram index build docs@3 --stem en --passage-tokens 120
        engram index build docs --embed model/      # a static embedding model: hybrid answers
        engram index build docs --vectors v.npy     # one vector for each line of `index passages`
      """)

  @Argument(help: ArgumentHelp("DATASET or DATASET@V.", valueName: "dataset"))
  var dataset: String

  @Option(
    help: ArgumentHelp(
      "Stem words of this language: \(TermNormalizer.languages.joined(separator: ", ")); or none.",
      valueName: "language"))
  var stem: String?

  @Option(
    help: ArgumentHelp(
      "The most tokens of a passage, words where no tokenizer is named (default: "
        + "\(IndexOptions.defaultPassageTokens)).", valueName: "count"))
  var passageTokens: Int?

  @Option(
    help: ArgumentHelp(
      "The tokenizer.json whose tokens are counted, and that samples of tokens are of.",
      valueName: "file"))
  var tokenizer: String?

  @Option(
    help: ArgumentHelp(
      "A static embedding model that makes a vector of each passage: a folder with model.safetensors, "
        + "tokenizer.json and config.json.", valueName: "folder"))
  var embed: String?

  @Option(
    help: ArgumentHelp(
      "Vectors of your own, one for each passage in the order of `engram index passages`: .npy or "
        + ".safetensors.", valueName: "file"))
  var vectors: String?

  @Flag(help: "Share nothing with other indexes, and take no options over from them.")
  var fresh = false

  @Option(help: ArgumentHelp("Worker threads (default: one a core).", valueName: "count"))
  var threads: Int?

  @Option(help: ArgumentHelp("Memory for words on their way to the disk.", valueName: "size"))
  var memory = "1G"

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be 1 to 1024")
    }
    guard ByteCount.parse(memory) != nil else {
      throw ValidationError("--memory takes a size such as 512M or 4G")
    }
    if embed != nil, vectors != nil {
      throw ValidationError("give either --embed or --vectors")
    }
  }

  private struct Line: Encodable {
    var dataset: String
    var version: Int
    var base: Int?
    var documents: Int
    var passages: Int
    var words: Int
    var segments: Int
    var indexed: Int
    var indexedBytes: Int
    var textBytes: Int
    var bytes: Int
    var seconds: Double
    var wasThere: Bool
  }

  func run() throws {
    let reference = try DatasetReference(parsing: dataset)
    _ = try store.open(.reading)
    let destination = try store.open(.writing)
    Interruption.watch()
    let start = DispatchTime.now()
    let bar = IndexProgressBar()
    defer { bar.clear() }
    let previous =
      try fresh ? nil : PreviousIndex(ofDataset: reference.name, in: destination)
    let builder = try IndexBuilder(
      store: destination, options: try options(previous),
      tokenizer: try tokenizer.map { try Tokenizer(path: $0) },
      resources: .init(threads: threads ?? 0, memory: ByteCount.parse(memory) ?? 1 << 30)
    ) { try bar.update($0) }
    let source = try vectorSource(previous)
    let result = try builder.build(reference, vectors: source, isFresh: fresh)
    bar.clear()
    try report(result, in: destination, seconds: ProgressBar.seconds(since: start))
  }

  /// What is not given is as in the index before.
  private func options(_ previous: PreviousIndex?) throws -> IndexOptions {
    let before = previous?.manifest.options
    if let previous, previous.manifest.options.tokenizer != nil, tokenizer == nil {
      throw CommandError(
        "passages of \(previous.index.title) were counted in a tokenizer's tokens",
        hint: "name its file with --tokenizer, or index anew with --fresh")
    }
    return IndexOptions(
      stem: stem == "none" ? nil : stem ?? before?.stem,
      passageTokens: passageTokens ?? before?.passageTokens ?? IndexOptions.defaultPassageTokens)
  }

  private func vectorSource(_ previous: PreviousIndex?) throws -> IndexVectors? {
    if let embed { return try .embedding(folder: embed) }
    if let vectors { return try .brought(path: vectors) }
    if let previous, previous.hasBroughtVectors,
      previous.index.version != (try? DatasetReference(parsing: dataset))?.version
    {
      StandardStreams.note(
        "engram: the vectors of \(previous.index.title) are of its passages; bring others with "
          + "--vectors")
    }
    return try previous?.model()
  }

  private func report(_ result: IndexBuilder.Result, in store: Store, seconds: Double) throws {
    let manifest = result.manifest
    let bytes = try result.index.bytes(in: store)
    switch output.format {
    case .json:
      try JSONLine.print(
        Line(
          dataset: manifest.dataset, version: manifest.version, base: result.base,
          documents: manifest.documents, passages: manifest.passages, words: manifest.words,
          segments: manifest.segments.count, indexed: result.indexed,
          indexedBytes: result.indexedBytes, textBytes: manifest.textBytes, bytes: bytes,
          seconds: seconds, wasThere: result.wasThere))
    case .text:
      guard !result.wasThere else {
        print("\(result.index.title) has this index already")
        return
      }
      print("indexed \(result.index.title)  identity \(result.index.identity)")
      print(
        "\(manifest.documents) documents, \(manifest.passages) passages, \(manifest.words) words, "
          + "\(ByteCount.text(manifest.textBytes)) of text")
      if let base = result.base {
        print(
          "read \(result.indexed) documents, \(ByteCount.text(result.indexedBytes)); the others are "
            + "shared with version \(base)")
      }
      print(
        "\(ByteCount.text(bytes)) on disk, \(manifest.segments.count) segments, in "
          + "\((seconds * 10).rounded() / 10) s, "
          + "\(ByteCount.text(Double(result.indexedBytes) / max(seconds, 1e-9)))/s")
    }
  }
}
