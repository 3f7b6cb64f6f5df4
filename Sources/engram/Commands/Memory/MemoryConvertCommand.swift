import ArgumentParser
import Dispatch
import MemoryBuilder
import MemoryTables
import Storage

/// A table's rows in another codec, and what that costs.
struct MemoryConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Publish a table's rows in another codec and report the error.",
    discussion: """
      Rows keep their numbers, the table its addressing and its token map. Memory stays bounded \
      whatever the size; stopped or killed before the end, nothing has changed. The report \
      compares every number with what it was.

        engram memory convert mine/layer1 --codec fp8e4m3-e8m0x32 --as mine-fp8/layer1
        engram memory convert qwen3.8/layer1@1 --codec bf16 --as qwen3.8/layer1
        engram memory convert mine/layer1 --codec bf16 --as small --format json | jq .errors.rms
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "table"))
  var table: String

  @Option(help: ArgumentHelp("How the numbers are to be stored.", valueName: "codec"))
  var codec: RowCodec

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "The new table's name; the old one's own name gives it a new version.", valueName: "name"))
  var newName: String

  @Option(help: ArgumentHelp("Worker threads (default: one a core).", valueName: "count"))
  var threads = 0

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let reference = try TableReference(parsing: table)
    // A writer makes the store where there is none: this needs one with a table.
    _ = try store.open(.reading).publishedTable(reference)
    let store = try store.open(.writing)
    let source = try Table(reference, in: store)
    var conversion = TableConversion(codec: codec, name: newName)
    conversion.threads = threads
    Interruption.watch()
    let bar = ProgressBar("converting")
    defer { bar.clear() }
    let start = DispatchTime.now()
    let report = try conversion.run(source, in: store) { try bar.update($0, $1) }
    bar.clear()
    try ConversionSummary(
      source: source.manifest, report: report, seconds: ProgressBar.seconds(since: start)
    ).print(output.format)
  }
}
