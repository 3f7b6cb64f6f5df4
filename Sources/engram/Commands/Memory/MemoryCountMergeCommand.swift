import ArgumentParser
import Dispatch
import NgramCounts

/// The reduce step of counting: run files into one, or into the store.
struct MemoryCountMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "count-merge",
    abstract: "Add up run files of count-map, into one file or into published counts.",
    discussion: """
      However a dataset was divided, the result is the same, byte for byte. Runs of another \
      dataset, tokenizer, token rule or other orders are refused, and so are samples counted twice; \
      to publish, every sample must have been counted.

        engram memory count-merge 1.run 2.run --as corpus
        engram memory count-merge 1.run 2.run --to both.run
      """)

  @Argument(help: ArgumentHelp("Run files.", valueName: "run"))
  var runs: [String]

  @Option(name: .customLong("as"), help: ArgumentHelp("Publish by this name.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("Write one run file.", valueName: "file"))
  var to: String?

  @Option(
    help: ArgumentHelp(
      "A folder for intermediate runs (default: beside the result).", valueName: "folder"))
  var work: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (name == nil) != (to == nil) else { throw ValidationError("give one of --as and --to") }
  }

  func run() throws {
    Interruption.watch()
    let start = DispatchTime.now()
    let bar = CountProgressBar()
    defer { bar.clear() }
    if let to {
      try CountsWriter.merge(runs: runs, to: to, work: work) { try bar.update($0) }
      bar.clear()
      print(to)
    } else if let name {
      let store = try store.open(.writing)
      let counts = try CountsWriter(store: store).publish(runs: runs, as: name, work: work) {
        try bar.update($0)
      }
      bar.clear()
      try CountSummary(counts, in: store, seconds: ProgressBar.seconds(since: start)).print(output)
    }
  }
}
