import ArgumentParser
import ContextStore

/// What a context store holds, and how much room it has.
struct ContextStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Show what a context store holds, and how much of its budget that takes.",
    discussion: """
      Hits and waits are counted by the process that serves: ask the service, or the library's stats.

        engram context stats
        engram context stats --context /data/context --format json
      """)

  @OptionGroup var context: ContextOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let statistics = try context.open(.reading).statistics
    switch output.format {
    case .json: try JSONLine.print(statistics)
    case .text:
      let share =
        statistics.capacityBytes > 0
        ? Double(statistics.usedBytes) / Double(statistics.capacityBytes) : 0
      TextTable.print([
        ["capacity", ByteCount.text(statistics.capacityBytes)],
        ["used", "\(ByteCount.text(statistics.usedBytes)), \(Int(share * 100))%"],
        ["blocks", "\(statistics.blocks), \(ByteCount.text(statistics.liveBytes))"],
        ["pinned blocks", "\(statistics.pinnedBlocks)"],
        ["namespaces", "\(statistics.namespaces)"],
        [
          "segments",
          "\(statistics.segments) of at most \(ByteCount.text(statistics.segmentBytes))",
        ],
      ])
    }
  }
}
