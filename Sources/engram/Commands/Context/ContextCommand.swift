import ArgumentParser

/// The context store: attention state of prompts on disk.
struct ContextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "context",
    abstract: "Look into the context store, check and clear it, and replay traces of prompts.",
    discussion: """
      A context store is the folder `context` of a store, or the one that --context names. Serving \
      engines fill it; all commands but clear work beside them.

        engram context stats
        engram context list
        engram context verify --context /data/context
        engram context clear --namespace 3f9a61
        engram context replay trace.jsonl --layout latent-fp8:61 --capacity 16G,64G,256G
      """,
    subcommands: [
      ContextStatsCommand.self, ContextListCommand.self, ContextVerifyCommand.self,
      ContextClearCommand.self, ContextReplayCommand.self,
    ])
}
