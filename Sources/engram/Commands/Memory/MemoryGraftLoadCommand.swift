import ArgumentParser
import Dispatch
import MemoryBuilder
import MemoryTables
import Safetensors

/// Vectors to an exact table.
struct MemoryGraftLoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Make an exact table of the vectors of a list of N-grams.",
    discussion: """
      Vector i belongs to N-gram i of the list. The table keeps the token map where --tokenizer or \
      --token-map gives it; lists of raw ids need none.

        engram memory graft load vectors.safetensors --ngrams ngrams.jsonl --as grafted
        engram memory graft load vectors.safetensors --ngrams ngrams.jsonl --as grafted \\
          --codec f32 --tokenizer tokenizer.json
      """)

  @Argument(help: ArgumentHelp("The safetensors file.", valueName: "vectors"))
  var vectors: String

  @Option(help: ArgumentHelp("The list that they were computed for.", valueName: "file"))
  var ngrams: String

  @Option(name: .customLong("as"), help: ArgumentHelp("The table's name.", valueName: "name"))
  var name: String

  @Option(help: "How the rows are stored.")
  var codec = RowCodec.bfloat16

  @Option(help: ArgumentHelp("The tensor, [N-grams, width].", valueName: "tensor"))
  var tensor = "vectors"

  @OptionGroup var tokens: TokenSourceOptions

  @Option(help: ArgumentHelp("Worker threads (default: one a core).", valueName: "count"))
  var threads = 0

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var name: String
    var version: Int
    var identity: String
    var ngrams: Int
    var dimension: Int
    var codec: String
    var seconds: Double
  }

  func run() throws {
    let start = DispatchTime.now()
    let list = try GraftList(readingFrom: ngrams)
    let file = try SafetensorsFile(path: vectors, access: .random)
    var graft = TableGraft(name: name, list: list)
    graft.tensor = tensor
    graft.codec = codec
    graft.tokenMap = try tokens.resolved().map
    graft.threads = threads
    let destination = try store.open(.writing)
    Interruption.watch()
    let bar = ProgressBar("loading")
    defer { bar.clear() }
    let table = try graft.run(from: file, into: destination) { try bar.update($0, $1) }
    bar.clear()
    let manifest = try TableManifest.published(table, in: destination)
    switch output.format {
    case .json:
      try JSONLine.print(
        Line(
          name: table.name, version: table.version, identity: table.identity,
          ngrams: manifest.rows, dimension: manifest.dimension, codec: codec.rawValue,
          seconds: ProgressBar.seconds(since: start)))
    case .text:
      print("loaded \(table.name)@\(table.version)  identity \(table.identity)")
      print("\(manifest.rows) N-grams of \(manifest.dimension) numbers, \(codec.rawValue)")
    }
    if file.metadata["ngrams"] == nil {
      StandardStreams.note(
        "engram: \(vectors) does not say which list it was computed for; only the number of "
          + "vectors was compared")
    }
  }
}
