import ArgumentParser
import Files
import Storage

/// Importing a checkpoint.
struct BenchImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Measure importing a checkpoint beside cp of the same files.",
    discussion: """
      Imports into a scratch store, again and again, in turn with cp.

        Tools/make-checkpoint --family deepseek-v4.1 --size 4G checkpoint
        engram bench import --from checkpoint
      """)

  @Option(help: ArgumentHelp("The model folder.", valueName: "folder"))
  var from: String

  @Option(help: ArgumentHelp("Rounds; the median counts.", valueName: "count"))
  var rounds = 3

  @Option(
    help: ArgumentHelp(
      "Where to work, on the disk to be measured (default: a scratch folder).",
      valueName: "folder"))
  var folder: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let work = try folder.map { $0 + "/import-bench" } ?? TemporaryFolder.create()
    defer { try? DurableFile.remove(work) }
    try ImportBench(
      checkpoint: from, folder: work, report: BenchReport(format: output.format)
    ).run(rounds: rounds)
  }
}
