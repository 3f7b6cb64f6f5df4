import ArgumentParser
import Datasets

/// Samples as they are.
struct DatasetCatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat",
    abstract: "Print samples of a dataset, all or by number or id.",
    discussion: """
      A document's text comes out exactly as it went in; token ids as a JSON array a line. Every \
      sample is checked on the way.

        engram dataset cat corpus 17
        engram dataset cat corpus@2 0-9 100 --format json --metadata
        engram dataset cat corpus --id intro.txt > intro.txt
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "dataset"))
  var dataset: String

  @Argument(
    help: ArgumentHelp("Samples, from 0; FIRST-LAST for many (default: all).", valueName: "number"))
  var numbers: [String] = []

  @Option(help: ArgumentHelp("The first document of this id, instead of numbers.", valueName: "id"))
  var id: String?

  @Flag(help: "Print the metadata of documents too, a line before each text.")
  var metadata = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard id == nil || numbers.isEmpty else { throw ValidationError("give numbers or --id") }
  }

  func run() throws {
    let dataset = try Dataset(DatasetReference(parsing: dataset), in: store.open(.reading))
    let title = dataset.version.title
    guard dataset.manifest.kind == .document || (id == nil && !metadata) else {
      throw CommandError(
        "\(title) holds \(dataset.manifest.kind.rawValue)",
        hint: "only documents have an id and metadata; leave --id and --metadata away")
    }
    var ranges = try SampleNumbers.ranges(numbers, count: dataset.count, title: title)
    if numbers.isEmpty { ranges = [0..<dataset.count] }
    Interruption.watch()
    if let id {
      let bar = ProgressBar("searching")
      defer { bar.clear() }
      let found = try dataset.firstDocument(id: id) { try bar.update($0, $1) }
      bar.clear()
      guard let found else {
        throw CommandError("\(title) has no document \(id)", hint: "engram dataset head shows ids")
      }
      ranges = [found..<found + 1]
    }
    let printer = SamplePrinter(
      reader: SampleReader(dataset), format: output.format, withMetadata: metadata)
    for number in ranges.joined() {
      try Interruption.check()
      try printer.print(number)
    }
  }
}
