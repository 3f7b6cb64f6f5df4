import ArgumentParser
import DatasetBuilder
import Datasets

/// A dataset in a format that others read.
struct DatasetExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a dataset in a format that others read.",
    discussion: """
      jsonl: an object a line with id, text (exactly as it came in) and the metadata. mds: a \
      folder for MosaicML streaming. webdataset: a folder of tars. megatron: FILE.bin and \
      FILE.idx, tokens only. files: each document at its path below a folder. What is there at \
      the end is whole; stopped before, nothing is.

        engram dataset export corpus --to corpus.jsonl --format jsonl
        engram dataset export corpus@2 --to - --format jsonl | jq .id
        engram dataset export tokens --to train/tokens --format megatron
        engram dataset export corpus --to shards --format mds
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "dataset"))
  var dataset: String

  @Option(
    help: ArgumentHelp("A file, or a folder to be made; - for standard output.", valueName: "path"))
  var to: String

  @Option(
    help: ArgumentHelp(
      "One of \(DatasetExport.formats.joined(separator: ", ")).", valueName: "format"))
  var format = "jsonl"

  @Flag(help: "Replace what an earlier export left there.")
  var overwrite = false

  @OptionGroup var store: StoreOptions

  func run() throws {
    let store = try store.open(.reading)
    let dataset = try Dataset(DatasetReference(parsing: dataset), in: store)
    var export = try DatasetExport(dataset, format: format, destination: to)
    export.overwrites = overwrite
    Interruption.watch()
    let bar = ProgressBar("exporting")
    defer { bar.clear() }
    let count = try export.run { done, total in
      try bar.update(done, total, detail: "\(done) of \(total) samples")
    }
    bar.clear()
    if to != "-" { print("exported \(count) samples of \(dataset.version.title) to \(to)") }
  }
}
