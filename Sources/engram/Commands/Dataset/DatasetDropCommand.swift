import ArgumentParser
import Datasets

/// Takes versions out of the store.
struct DatasetDropCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop",
    abstract: "Drop a version of a dataset, or all of them.",
    discussion: """
      Processes that have a version open go on reading it. `engram gc` frees what no version uses.

        engram dataset drop corpus@1
        engram dataset drop corpus --all
      """)

  @Argument(help: ArgumentHelp("NAME@V, or NAME with --all.", valueName: "dataset"))
  var dataset: String

  @Flag(help: "Drop every version of the dataset.")
  var all = false

  @OptionGroup var store: StoreOptions

  func run() throws {
    let reference = try DatasetReference(parsing: dataset)
    guard all == (reference.version == nil) else {
      throw CommandError(
        all ? "--all drops every version" : "\(dataset) names no version",
        hint: all ? "leave @\(reference.version ?? 0) away" : "name one (NAME@V) or add --all")
    }
    // A store is not made just to find out that it has no such dataset.
    _ = try store.open(.reading).datasetVersion(reference)
    for dropped in try store.open(.writing).dropDataset(reference) {
      print("dropped \(dropped.title)")
    }
  }
}
