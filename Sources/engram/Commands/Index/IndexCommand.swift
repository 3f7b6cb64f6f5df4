import ArgumentParser

/// Passage indexes: what is done with them.
struct IndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index",
    abstract: "Index the passages of datasets, for engram query.",
    discussion: """
      An index is of one version of a dataset, DATASET@V; without @V the newest is meant. A new \
      version indexes only what changed and shares the rest.

        engram index build docs --stem en
        engram index list
        engram query "how do I disable a cgroup controller" --dataset docs
      """,
    subcommands: [
      IndexBuildCommand.self, IndexListCommand.self, IndexShowCommand.self,
      IndexPassagesCommand.self, IndexEvaluateCommand.self, IndexVerifyCommand.self,
      IndexDropCommand.self,
    ])
}
