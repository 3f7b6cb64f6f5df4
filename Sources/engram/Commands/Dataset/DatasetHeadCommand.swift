import ArgumentParser
import Datasets

/// A dataset at a glance.
struct DatasetHeadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "head",
    abstract: "Show the first samples of a dataset, a line each.",
    discussion: """
      A line is a sample's number, its bytes, its id and its first characters; control characters \
      are shown as escapes.

        engram dataset head corpus
        engram dataset head corpus@2 -n 3 --from 1000
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "dataset"))
  var dataset: String

  @Option(name: .customShort("n"), help: ArgumentHelp("How many samples.", valueName: "count"))
  var count = 10

  @Option(help: ArgumentHelp("The first sample.", valueName: "number"))
  var from = 0

  @Option(help: ArgumentHelp("Characters of each to show.", valueName: "characters"))
  var width = 60

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard count >= 0 else { throw ValidationError("-n takes a count, from 0") }
    guard (0...10_000).contains(width) else { throw ValidationError("--width is 0 to 10000") }
  }

  func run() throws {
    let dataset = try Dataset(DatasetReference(parsing: dataset), in: store.open(.reading))
    guard (0...dataset.count).contains(from) else {
      throw DatasetError.sampleOutOfRange(
        dataset: dataset.version.title, number: from, samples: dataset.count)
    }
    let reader = SampleReader(dataset)
    let end = from + min(count, dataset.count - from)
    let lines = try (from..<end).map { try SamplePreview($0, of: reader, width: width) }
    switch output.format {
    case .json:
      for line in lines { try JSONLine.print(line) }
    case .text:
      guard !lines.isEmpty else {
        if dataset.count == 0 { print("\(dataset.version.title) is empty") }
        return
      }
      TextTable.print(
        [["number", "bytes", "id", "sample"]]
          + lines.map {
            [
              "\($0.number)", "\($0.bytes)",
              SingleLine.text(String(($0.id ?? "").prefix(100))), $0.preview,
            ]
          })
    }
  }
}
