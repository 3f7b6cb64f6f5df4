import ArgumentParser
import Datasets
import Retrieval
import Storage

/// Takes indexes out of the store.
struct IndexDropCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop",
    abstract: "Drop the index of a dataset version, or of all versions.",
    discussion: """
      The dataset stays. Processes that have an index open go on reading it.

        engram index drop docs@1
        engram index drop docs --all
      """)

  @Argument(help: ArgumentHelp("DATASET@V, or DATASET with --all.", valueName: "dataset"))
  var dataset: String

  @Flag(help: "Drop the indexes of all versions.")
  var all = false

  @OptionGroup var store: StoreOptions

  func run() throws {
    let reference = try DatasetReference(parsing: dataset)
    guard all == (reference.version == nil) else {
      throw CommandError(
        all ? "--all drops every index of a dataset" : "\(dataset) names no version",
        hint: all ? "leave @\(reference.version ?? 0) away" : "name one (DATASET@V) or add --all")
    }
    for dropped in try store.open(.writing).dropIndexes(reference) {
      print("dropped the index of \(dropped.title)")
    }
  }
}
