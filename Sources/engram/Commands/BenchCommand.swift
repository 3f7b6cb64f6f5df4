import ArgumentParser

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure this machine, with peers in the same run where there are any.",
    discussion: """
      Each benchmark prints medians, as a table or (--format json) as one JSON object a line.
      Build with -c release, and leave the machine alone meanwhile.

      Example:
        engram bench fuse --peers Tools/peers/fuse_peers.py
      """,
    subcommands: [BenchFuseCommand.self])
}
