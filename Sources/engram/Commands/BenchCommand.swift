import ArgumentParser

/// Measurements, each beside a peer that was measured in the same run.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure this machine, beside peers in the same run.",
    discussion: """
        engram bench address
        engram bench address --format json
      """,
    subcommands: [BenchAddressCommand.self])
}
