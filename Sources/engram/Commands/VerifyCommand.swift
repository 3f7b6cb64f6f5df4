import ArgumentParser

/// The whole store, read and compared with what was published.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of a store: memory tables, counts, indexes and datasets.",
    discussion: """
      Prints one line for each thing that is wrong, with file and place, and exits with 1. Also \
      says how much `engram gc` would free, which is no fault.

        engram verify
        engram verify --store /data/store --format json
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    Interruption.watch()
    let report = try StoreVerification(path: store.path)
    switch output.format {
    case .json: try JSONLine.print(report)
    case .text: report.printText()
    }
    if !report.problems.isEmpty { throw ExitCode(1) }
  }
}
