import ArgumentParser
import NgramCounts

/// Published counts: what is done with them.
struct MemoryCountsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "counts",
    abstract: "Look into counts of N-grams: the most frequent, single ones, a report.",
    discussion: """
      Counts are named NAME, or NAME@V for version V; without @V the newest is meant. The name may \
      stand before the verb.

        engram memory counts list
        engram memory counts corpus top -n 20 --order 3 --tokenizer tokenizer.json
        engram memory counts corpus get --text "of the" --tokenizer tokenizer.json
        engram memory counts corpus report --plot zipf.svg
      """,
    subcommands: [
      CountsTopCommand.self, CountsGetCommand.self, CountsReportCommand.self,
      CountsListCommand.self, CountsDropCommand.self,
    ])

  /// A command line on which the verb stands before the name: `counts top NAME` for
  /// `counts NAME top`.
  static func verbFirst(_ arguments: [String]) -> [String] {
    guard arguments.count >= 4, arguments[0] == "memory", arguments[1] == "counts" else {
      return arguments
    }
    let verbs = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard !arguments[2].hasPrefix("-"), !(verbs + ["help"]).contains(arguments[2]),
      verbs.contains(arguments[3])
    else { return arguments }
    var ordered = arguments
    ordered.swapAt(2, 3)
    return ordered
  }
}
