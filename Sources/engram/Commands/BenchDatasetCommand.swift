import ArgumentParser
import DatasetBuilder
import Files
import Foundation
import Storage

/// `engram bench dataset`: how fast samples go in and come out.
struct BenchDatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset",
    abstract: "Measure ingest, samples by number and shuffled epochs.",
    discussion: """
      Makes an array of token samples, ingests it with and without compression, and reads it by \
      number, in shuffled order and in order, one thread, every sample checked. With --text, also \
      ingests these files and says how many MB/s. Tools/bench runs it beside its peers.

        engram bench dataset --folder bench
        engram bench dataset --samples 20000 --rounds 3
        engram bench dataset --samples 0 --text docs
      """)

  @Option(help: "Samples of the array; 0: none.")
  var samples = 200_000

  @Option(help: "Tokens of a sample, 2 bytes each.")
  var tokens = 2048

  @Option(help: "Rounds; the median counts.")
  var rounds = 3

  @Option(
    help: ArgumentHelp("Files or a folder of text to ingest; may be repeated.", valueName: "path"))
  var text: [String] = []

  @Option(help: ArgumentHelp("Where to work (default: a temporary folder).", valueName: "folder"))
  var folder: String?

  @Flag(help: "Leave what was made in the folder.")
  var keep = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard samples >= 0, (1...1 << 20).contains(tokens), (1...1000).contains(rounds) else {
      throw ValidationError("--samples, --tokens and --rounds must be positive")
    }
  }

  func run() throws {
    let folder = try folder ?? TemporaryFolder.create()
    defer { if !keep { try? DurableFile.remove(folder) } }
    let report = BenchReport(format: output.format)
    if samples > 0 {
      try DatasetBench(samples: samples, tokens: tokens, rounds: rounds, folder: folder).run {
        report.print($0)
      }
    }
    guard !text.isEmpty else { return }
    for isCompressed in [true, false] {
      var rates: [Double] = []
      for _ in 0..<rounds {
        let path = folder + "/text"
        try DurableFile.remove(path)
        var bytes = 0
        let seconds = try Measure.seconds {
          var ingest = Ingest(paths: text, dataset: "text")
          ingest.storage = .init(isCompressed: isCompressed)
          bytes = try ingest.run(into: try Store(path: path, mode: .writing)).counts.bytes
        }
        rates.append(Double(bytes) / 1e6 / seconds)
      }
      report.print(
        BenchLine(
          bench: "dataset", what: "ingest of text, \(isCompressed ? "compressed" : "stored")",
          value: Measure.median(rates), unit: "MB/s"))
    }
  }
}
