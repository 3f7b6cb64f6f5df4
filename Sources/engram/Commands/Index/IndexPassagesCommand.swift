import ArgumentParser
import Datasets
import Retrieval
import Serving
import Storage
import Tokenization

/// All passages of an index, in the order that vectors are brought in.
struct IndexPassagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passages",
    abstract: "Print every passage of an index, one JSON object a line.",
    discussion: """
      They come in the dataset's order: sample by sample, from each text's beginning. A file of \
      vectors for `index build --vectors` has one row for each line.

        engram index passages docs > passages.jsonl
      """)

  @Argument(help: ArgumentHelp("DATASET or DATASET@V.", valueName: "dataset"))
  var dataset: String

  @Option(help: ArgumentHelp("The tokenizer.json of a dataset of tokens.", valueName: "file"))
  var tokenizer: String?

  @OptionGroup var store: StoreOptions

  func run() throws {
    let store = try store.open(.reading)
    let index = try SearchIndex(
      DatasetReference(parsing: dataset), in: store,
      tokenizer: try tokenizer.map { try Tokenizer(path: $0) })
    Interruption.watch()
    try index.forEachPassage { passage in
      try Interruption.check()
      try JSONLine.print(PassageLine(passage, rank: nil))
    }
  }
}
