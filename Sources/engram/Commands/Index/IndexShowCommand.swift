import ArgumentParser
import Datasets
import Retrieval
import Serving
import Storage

/// One index.
struct IndexShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what an index holds, and the fields that --where can ask for.",
    discussion: """
        engram index show docs
        engram index show docs@2 --format json
      """)

  @Argument(help: ArgumentHelp("DATASET or DATASET@V.", valueName: "dataset"))
  var dataset: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var summary: IndexSummary
    var fields: [String]
    var parts: [IndexManifest.SegmentPart]
  }

  func run() throws {
    let store = try store.open(.reading)
    let published = try store.publishedIndex(DatasetReference(parsing: dataset))
    let summary = try IndexSummary(published, in: store)
    let manifest = try IndexManifest.published(published, in: store)
    let fields = try IndexFields.names(manifest, in: store)
    switch output.format {
    case .json:
      try JSONLine.print(Line(summary: summary, fields: fields, parts: manifest.segments))
    case .text:
      TextTable.print(
        [
          ["index", published.title], ["identity", published.identity],
          ["published", published.published], ["documents", "\(summary.documents)"],
          ["passages", "\(summary.passages)"],
          ["words", "\(summary.words), \(Int(manifest.averageLength.rounded())) a passage"],
          ["text", ByteCount.text(summary.textBytes)], ["size", ByteCount.text(summary.bytes)],
          [
            "passage limit",
            "\(summary.passageTokens) \(summary.tokenizer == nil ? "words" : "tokens")",
          ],
          ["stemmer", summary.stem ?? "none"],
          ["vectors", summary.vectors.map { "\($0.dimensions) numbers" } ?? "none"],
          ["fields", fields.joined(separator: ", ")],
        ])
      print("")
      TextTable.print(
        [["segment", "documents", "of this version", "passages", "of this version"]]
          + manifest.segments.map {
            [
              $0.id, "\($0.documents)", "\($0.alive)", "\($0.passages)", "\($0.alivePassages)",
            ]
          })
    }
  }
}
