import ArgumentParser
import DatasetBuilder
import Datasets

/// A dataset of documents as token ids.
struct DatasetTokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Make a dataset of token ids of a dataset of documents.",
    discussion: """
      Ids take 2 bytes where the vocabulary allows, else 4. With --pack, documents stand end to \
      end in samples of one length, the places kept at which they start; no token is lost or \
      doubled, and the last sample is shorter. No special tokens are added but those asked for.

      --fim-rate turns that share of the documents into fill-in-the-middle, half of them prefix \
      first (PSM), half suffix first (SPM), which ones decided by the seed and the sample's number.

        engram dataset tokenize corpus --tokenizer tokenizer.json --as corpus-ids
        engram dataset tokenize code@3 --tokenizer tokenizer.json --as code-ids --pack 4096 \\
          --eos 1 --fim-rate 0.5 --order dependency
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V, documents.", valueName: "dataset"))
  var dataset: String

  @Option(help: ArgumentHelp("The model's tokenizer.json (byte-level BPE).", valueName: "file"))
  var tokenizer: String

  @Option(help: ArgumentHelp("The dataset that is made, or gets a new version.", valueName: "name"))
  var `as`: String

  @Option(help: ArgumentHelp("Tokens of a sample, documents end to end.", valueName: "tokens"))
  var pack: Int?

  @Option(help: ArgumentHelp("A token to end every document with.", valueName: "id"))
  var eos: Int?

  @Option(help: ArgumentHelp("The share of documents for fill-in-the-middle.", valueName: "0..1"))
  var fimRate: Double?

  @Option(help: ArgumentHelp("Of those, the share with the suffix first.", valueName: "0..1"))
  var fimSpmRate = 0.5

  @Option(
    help: ArgumentHelp(
      "The prefix, suffix and middle markers, comma-separated (default: those the vocabulary has).",
      valueName: "tokens"))
  var fimTokens: String?

  @Option(help: ArgumentHelp("Decides which documents are cut where.", valueName: "number"))
  var seed: UInt64 = 0

  /// In which order documents are taken.
  enum Order: String, ExpressibleByArgument, CaseIterable {
    case dataset
    case dependency
  }

  @Option(help: "As they stand, or each repository's files behind what they import.")
  var order: Order = .dataset

  @Option(
    help: ArgumentHelp(
      "For --order dependency: how many folders of a path name a repository; 0: all files are of "
        + "one.", valueName: "folders"))
  var repositoryDepth = 0

  @Option(help: ArgumentHelp("What to remember about this version.", valueName: "text"))
  var message = ""

  @OptionGroup(title: "How chunks are stored") var chunks: ChunkArguments
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var name: String
    var version: Int
    var isNew: Bool
    var identity: String
    var documents: Int
    var tokens: Int
    var samples: Int
    var width: Int
  }

  func validate() throws {
    guard (0...1).contains(fimRate ?? 0), (0...1).contains(fimSpmRate) else {
      throw ValidationError("--fim-rate and --fim-spm-rate take shares from 0 to 1")
    }
    if pack ?? 1 < 1 { throw ValidationError("--pack takes a number of tokens") }
  }

  func run() throws {
    var tokenization = DatasetTokenization(
      of: try DatasetReference(parsing: dataset), tokenizer: tokenizer, as: `as`)
    tokenization.packedLength = pack
    tokenization.endOfDocument = eos
    tokenization.isInDependencyOrder = order == .dependency
    tokenization.repositoryDepth = repositoryDepth
    tokenization.message = message
    tokenization.storage = try chunks.storage
    if let fimRate {
      tokenization.fillInTheMiddle = .init(
        rate: fimRate, spmRate: fimSpmRate, seed: seed,
        markers: fimTokens?.split(separator: ",").map(String.init))
    }
    _ = try DatasetReference(parsing: `as`)
    let store = try store.open(.writing)
    Interruption.watch()
    let bar = ProgressBar("tokenizing")
    defer { bar.clear() }
    let report = try tokenization.run(in: store) { try bar.update($0, $1) }
    bar.clear()
    let manifest = report.version.manifest
    switch output.format {
    case .json:
      try JSONLine.print(
        Line(
          name: manifest.name, version: manifest.version, isNew: report.isNew,
          identity: manifest.identity, documents: report.documents, tokens: report.tokens,
          samples: manifest.samples, width: manifest.tokens?.width ?? 0))
    case .text:
      print(
        report.isNew
          ? "made \(report.version.title)  identity \(manifest.identity)"
          : "nothing differs from \(report.version.title): no new version")
      print(
        "\(report.tokens) tokens of \(report.documents) documents in \(manifest.samples) samples, "
          + "\(manifest.tokens?.width ?? 0) bytes a token")
    }
  }
}
