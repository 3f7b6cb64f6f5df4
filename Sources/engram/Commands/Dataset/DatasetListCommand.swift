import ArgumentParser
import Serving

/// The store's datasets.
struct DatasetListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the datasets of a store.",
    discussion: """
      A line a dataset, with its newest version; with --all a line a version.

        engram dataset list
        engram dataset list --all --format json | jq .identity
      """)

  @Flag(help: "Every version, not only the newest.")
  var all = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let store = try store.open(.reading)
    let lines = try DatasetSummary.all(in: store, everyVersion: all)
    switch output.format {
    case .json:
      for line in lines { try JSONLine.print(line) }
    case .text:
      guard !lines.isEmpty else {
        print("no datasets in \(store.path) yet")
        return
      }
      TextTable.print(
        [["dataset", "versions", "kind", "samples", "size", "published", "message"]]
          + lines.map {
            [
              "\($0.name)@\($0.version)", "\($0.versions)", $0.kind, "\($0.samples)",
              ByteCount.text($0.bytes), $0.published, SingleLine.text($0.message),
            ]
          })
    }
  }
}
