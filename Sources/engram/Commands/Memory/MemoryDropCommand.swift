import ArgumentParser
import MemoryTables

/// Takes versions out of the store.
struct MemoryDropCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop",
    abstract: "Drop a version of a table, or all of them.",
    discussion: """
      Processes that have a version open go on reading it; its disk space is free when they end.

        engram memory drop deepseek-v4.1/layer1@1
        engram memory drop deepseek-v4.1/layer1 --all
      """)

  @Argument(help: ArgumentHelp("NAME@V, or NAME with --all.", valueName: "table"))
  var table: String

  @Flag(help: "Drop every version of the table.")
  var all = false

  @OptionGroup var store: StoreOptions

  func run() throws {
    let reference = try TableReference(parsing: table)
    guard all == (reference.version == nil) else {
      throw CommandError(
        all ? "--all drops every version" : "\(table) names no version",
        hint: all ? "leave @\(reference.version ?? 0) away" : "name one (NAME@V) or add --all")
    }
    for dropped in try store.open(.writing).dropTable(reference) {
      print("dropped \(dropped.name)@\(dropped.version)")
    }
  }
}
