import ArgumentParser
import Datasets
import Retrieval
import Storage

/// Reads everything and compares it with what was published.
struct IndexVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of indexes, and decode every list.",
    discussion: """
      Prints one line for each thing that is wrong, with file and place, and exits with 1.

        engram index verify
        engram index verify docs@2
      """)

  @Argument(help: ArgumentHelp("DATASET or DATASET@V; all indexes without.", valueName: "dataset"))
  var dataset: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var dataset: String
    var version: Int
    var bytes: Int
    var postings: Int
    var problems: [String]
  }

  func run() throws {
    let store = try store.open(.reading)
    let indexes =
      try dataset.map { [try store.publishedIndex(DatasetReference(parsing: $0))] }
      ?? store.publishedIndexes()
    Interruption.watch()
    var isSound = true
    for published in indexes {
      let bar = ProgressBar("verifying \(published.title)")
      defer { bar.clear() }
      let report = try IndexVerification(published, in: store) { try bar.update($0.done, $0.total) }
      bar.clear()
      if !report.problems.isEmpty, try !store.isPublishedNow(published) {
        if output.format == .text { print("\(published.title): dropped meanwhile") }
        continue
      }
      isSound = isSound && report.problems.isEmpty
      switch output.format {
      case .json:
        try JSONLine.print(
          Line(
            dataset: published.dataset, version: published.version, bytes: report.bytes,
            postings: report.postings, problems: report.problems))
      case .text:
        for problem in report.problems {
          print("\(published.title): \(SingleLine.text(problem))")
        }
        if report.problems.isEmpty {
          print(
            "\(published.title): \(report.postings) postings, \(ByteCount.text(report.bytes)) in "
              + "files, all as published")
        }
      }
    }
    if indexes.isEmpty, output.format == .text { print("no indexes in \(store.path) yet") }
    if !isSound { throw ExitCode(1) }
  }
}
