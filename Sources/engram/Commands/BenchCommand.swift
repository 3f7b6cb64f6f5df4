import ArgumentParser

/// `engram bench`: the project's own measurements, one sub-command a subject.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure this machine.",
    discussion: """
      Every sub-command prints medians, for people or (--format json) one JSON object a line.

        engram bench tokenize --tokenizer tokenizer.json --input english.txt
      """,
    subcommands: [BenchTokenizeCommand.self])
}
