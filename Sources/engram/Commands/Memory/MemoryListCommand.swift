import ArgumentParser
import Serving

/// The store's tables.
struct MemoryListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the tables and versions of a store.",
    discussion: """
        engram memory list
        engram memory list --format json | jq .name
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let store = try store.open(.reading)
    let lines = try TableSummary.all(in: store)
    switch output.format {
    case .json:
      for line in lines { try JSONLine.print(line) }
    case .text:
      guard !lines.isEmpty else {
        print("no tables in \(store.path) yet")
        return
      }
      TextTable.print(
        [["table", "rows", "found by", "width", "codec", "size", "published", "identity"]]
          + lines.map {
            [
              "\($0.name)@\($0.version)", "\($0.rows)", $0.foundBy.rawValue, "\($0.dimension)",
              $0.codec,
              ByteCount.text($0.bytes), $0.published, String($0.identity.prefix(12)),
            ]
          })
    }
  }
}
