import ArgumentParser
import NgramCounts

/// Takes versions of counts out of the store.
struct CountsDropCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop",
    abstract: "Drop a version of N-gram counts, or all of them.",
    discussion: """
      Processes that have a version open go on reading it; its disk space is free when they end.

        engram memory counts drop corpus@1
        engram memory counts drop corpus --all
      """)

  @Argument(help: ArgumentHelp("NAME@V, or NAME with --all.", valueName: "counts"))
  var counts: String

  @Flag(help: "Drop every version.")
  var all = false

  @OptionGroup var store: StoreOptions

  func run() throws {
    let reference = try CountsReference(parsing: counts)
    guard all == (reference.version == nil) else {
      throw CommandError(
        all ? "--all drops every version" : "\(counts) names no version",
        hint: all ? "leave @\(reference.version ?? 0) away" : "name one (NAME@V) or add --all")
    }
    for dropped in try store.open(.writing).dropCounts(reference) {
      print("dropped \(dropped.title)")
    }
  }
}
