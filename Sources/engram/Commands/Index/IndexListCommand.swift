import ArgumentParser
import Serving

/// The store's indexes.
struct IndexListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the indexes of a store.",
    discussion: """
        engram index list
        engram index list --format json | jq .dataset
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let store = try store.open(.reading)
    let lines = try IndexSummary.all(in: store)
    switch output.format {
    case .json: for line in lines { try JSONLine.print(line) }
    case .text:
      guard !lines.isEmpty else {
        print("no indexes in \(store.path) yet; run engram index build DATASET")
        return
      }
      TextTable.print(
        [["dataset", "documents", "passages", "stem", "vectors", "size", "published"]]
          + lines.map {
            [
              "\($0.dataset)@\($0.version)", "\($0.documents)", "\($0.passages)", $0.stem ?? "-",
              $0.vectors.map { "\($0.dimensions)" } ?? "-", ByteCount.text($0.bytes), $0.published,
            ]
          })
    }
  }
}
