import ArgumentParser
import Foundation

/// The command. Sub-commands live one a file; none has logic of its own.
@main
struct Engram: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engram",
    abstract: "External memory and long-context storage for language models.",
    version: "0.1.0",
    subcommands: [FuseCommand.self, BenchCommand.self])
}
