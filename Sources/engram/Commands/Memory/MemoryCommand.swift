import ArgumentParser

/// Memory tables: everything that is done with a store's tables.
struct MemoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory",
    abstract: "Import, build, read, check and export N-gram memory tables.",
    discussion: """
      A table is named NAME, or NAME@V for version V; without @V the newest is meant.

        engram memory import --from DeepSeek-V4.1-Flash --name deepseek-v4.1
        engram memory list
        engram memory lookup deepseek-v4.1/layer1 --tokens 22898,19737,270
        engram memory count corpus --tokenizer tokenizer.json --as corpus-ngrams
        engram memory train corpus --tokenizer tokenizer.json --as corpus-memory
        engram memory verify
      """,
    subcommands: [
      MemoryImportCommand.self, MemoryListCommand.self, MemoryInspectCommand.self,
      MemoryLookupCommand.self, MemoryGateCommand.self, MemoryVerifyCommand.self,
      MemoryExportCommand.self, MemoryConvertCommand.self, MemoryDropCommand.self,
      MemoryCountCommand.self, MemoryCountMapCommand.self, MemoryCountMergeCommand.self,
      MemoryCountsCommand.self, MemoryTrainCommand.self, MemoryEvaluateCommand.self,
      MemoryGraftCommand.self,
    ])
}
