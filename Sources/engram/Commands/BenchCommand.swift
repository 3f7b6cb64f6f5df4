import ArgumentParser

/// Measurements of this machine, one sub-command a subject.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure this machine, beside plain loops that do the same in the same run.",
    discussion: """
      Every sub-command prints medians, for people or (--format json) one JSON object a line.

        engram bench memory --size 4G
        engram bench address --format json
        engram bench tokenize --tokenizer tokenizer.json --input english.txt
        engram bench fuse
        engram bench import --from checkpoint
        engram bench count corpus --tokenizer tokenizer.json
        engram bench train corpus --tokenizer tokenizer.json
        engram bench query corpus --questions questions.jsonl
        engram bench serve
        engram bench context
      """,
    subcommands: [
      BenchMemoryCommand.self, BenchAddressCommand.self, BenchTokenizeCommand.self,
      BenchFuseCommand.self, BenchDatasetCommand.self, BenchImportCommand.self,
      BenchCountCommand.self, BenchTrainCommand.self, BenchQueryCommand.self,
      BenchServeCommand.self, BenchContextCommand.self,
    ])
}
