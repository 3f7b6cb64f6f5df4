import ArgumentParser
import ContextStore

/// The namespaces of a context store.
struct ContextListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the namespaces of a context store.",
    discussion: """
      State of one namespace is never found from another. Of a namespace without a model only the \
      blocks are known: its description was lost.

        engram context list
        engram context list --format json | jq .id
      """)

  @OptionGroup var context: ContextOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let lines = ContextSummary.all(in: try context.open(.reading))
    switch output.format {
    case .json:
      for line in lines { try JSONLine.print(line) }
    case .text:
      guard !lines.isEmpty else {
        print("no namespaces in \(context.path) yet")
        return
      }
      TextTable.print(
        [["namespace", "model", "revision", "groups", "blocks", "size", "pinned"]]
          + lines.map { line in
            [
              String(line.id.prefix(12)), SingleLine.text(line.model ?? "-"),
              SingleLine.text(line.revision.map { $0.isEmpty ? "-" : $0 } ?? "-"),
              line.layout, "\(line.blocks)", ByteCount.text(line.bytes), "\(line.pinned)",
            ]
          })
    }
  }
}
