import ArgumentParser
import Datasets
import Dispatch

/// Reads everything and compares it with what was published.
struct DatasetVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of datasets against their checksums.",
    discussion: """
      Prints one line for each thing that is wrong, with file and place, and exits with 1. Without \
      @V the newest version is checked, without NAME all versions of all datasets.

        engram dataset verify corpus
        engram dataset verify corpus@2 --format json
        engram dataset verify
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "dataset"))
  var dataset: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var versions: [String]
    var chunks: Int
    var bytes: Int
    var seconds: Double
    var problems: [String]
  }

  func run() throws {
    let store = try store.open(.reading)
    var (versions, problems) =
      try dataset == nil ? store.readableDatasetVersions() : (versions: [], problems: [])
    do { try store.catalog.verifyChecksums() } catch { problems.append("\(error)") }
    if let dataset { versions = [try store.datasetVersion(DatasetReference(parsing: dataset))] }
    Interruption.watch()
    let bar = ProgressBar("verifying")
    defer { bar.clear() }
    let start = DispatchTime.now()
    let report = try store.verify(versions) { try bar.update($0, $1) }
    bar.clear()
    problems += report.findings
    let titles = versions.map(\.title)
    switch output.format {
    case .json:
      try JSONLine.print(
        Line(
          versions: titles, chunks: report.chunks, bytes: report.bytes,
          seconds: ProgressBar.seconds(since: start), problems: problems))
    case .text:
      for problem in problems { print(SingleLine.text(problem)) }
      if problems.isEmpty {
        print(
          titles.isEmpty
            ? "no datasets in \(store.path) yet"
            : "\(titles.joined(separator: ", ")): \(report.chunks) chunks, "
              + "\(ByteCount.text(report.bytes)) in files, all as published")
      }
    }
    if !problems.isEmpty { throw ExitCode(1) }
  }
}
