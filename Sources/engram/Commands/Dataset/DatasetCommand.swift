import ArgumentParser

/// Datasets: everything that is done with a store's samples.
struct DatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset",
    abstract: "List, read, compare, order, check and export datasets.",
    discussion: """
      A dataset is named NAME, or NAME@V for version V; without @V the newest is meant. Samples \
      are numbered from 0. `engram ingest` makes datasets.

        engram dataset list
        engram dataset cat corpus 17
        engram dataset diff corpus@1 corpus@2
        engram dataset order corpus --seed 7 --epoch 0 --ranks 8 --digest
      """,
    subcommands: [
      DatasetListCommand.self, DatasetShowCommand.self, DatasetLogCommand.self,
      DatasetDiffCommand.self, DatasetCatCommand.self, DatasetHeadCommand.self,
      DatasetStatsCommand.self, DatasetOrderCommand.self, DatasetTokenizeCommand.self,
      DatasetExportCommand.self, DatasetVerifyCommand.self, DatasetDropCommand.self,
    ])
}
