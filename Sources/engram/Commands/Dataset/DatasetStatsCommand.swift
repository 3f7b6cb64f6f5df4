import ArgumentParser
import Datasets
import Plots

/// How long samples are and where they came from.
struct DatasetStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Show how long the samples of a dataset are and where its documents came from.",
    discussion: """
      Lengths are bytes of samples (a document's metadata counts) or, where they are stored \
      without document starts, tokens. Documents are counted by the first folder or the extension \
      of the path in their metadata, or by language.

        engram dataset stats corpus
        engram dataset stats corpus@2 --by extension --plot corpus.png
      """)

  /// What documents are counted by.
  enum Grouping: String, ExpressibleByArgument, CaseIterable {
    case folder
    case `extension`
    case language

    var grouping: DatasetStatistics.Grouping {
      switch self {
      case .folder: .folder
      case .extension: .extension
      case .language: .language
      }
    }
  }

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "dataset"))
  var dataset: String

  @Option(help: "What documents are counted by.")
  var by: Grouping = .folder

  @Option(help: ArgumentHelp("Draw both histograms, .png or .svg.", valueName: "file"))
  var plot: String?

  @Option(help: ArgumentHelp("How many sources to show.", valueName: "count"))
  var top = 20

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard top >= 1 else { throw ValidationError("--top takes a count, from 1") }
  }

  func run() throws {
    let dataset = try Dataset(DatasetReference(parsing: dataset), in: store.open(.reading))
    Interruption.watch()
    let bar = ProgressBar("reading")
    defer { bar.clear() }
    let statistics = try dataset.statistics(by: by.grouping) { try bar.update($0, $1) }
    bar.clear()
    let report = try StatisticsReport(
      statistics, of: dataset.version.title, by: by.rawValue, top: top)
    if let plot { try report.chart.write(to: plot) }
    switch output.format {
    case .json: try JSONLine.print(report.line)
    case .text: report.printText()
    }
  }
}
