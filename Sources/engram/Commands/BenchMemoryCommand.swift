import ArgumentParser
import Files
import Storage

/// Reading rows, warm and cold, and opening tables.
struct BenchMemoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory",
    abstract: "Measure gathers of 264-byte rows, warm and cold, and opening tables.",
    discussion: """
      Makes a table and a flat file of the same rows, reads the same random rows from both, and \
      prints medians with ratios. Cold reads need the folder on a real disk; fio is measured \
      beside them where it is installed.

        engram bench memory --size 4G
        engram bench memory --size 1G --folder /data/bench --keep
        engram bench memory --open 1G,32G --folder /data/bench
      """)

  @Option(help: ArgumentHelp("Bytes of rows: 512M, 4G.", valueName: "size"))
  var size = "4G"

  @Option(help: ArgumentHelp("Rows a gather.", valueName: "rows"))
  var batch = 16_384

  @Option(help: ArgumentHelp("Rounds; the median counts.", valueName: "count"))
  var rounds = 7

  @Option(
    help: ArgumentHelp("Measure opening tables of these sizes instead.", valueName: "sizes"))
  var open: String?

  @Option(help: ArgumentHelp("Where to work (default: a new scratch folder).", valueName: "folder"))
  var folder: String?

  @Flag(help: "Leave table and flat file in --folder, for the next run or another program.")
  var keep = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1 << 24).contains(batch), (1...1000).contains(rounds) else {
      throw ValidationError("--batch is 1 to 16777216, --rounds 1 to 1000")
    }
  }

  func run() throws {
    let sizes = try (open ?? size).split(separator: ",").map { text in
      guard let bytes = ByteCount.parse(String(text)), bytes >= 1 << 20 else {
        throw CommandError("\(text) is no size from 1M on", hint: "write 512M or 4G")
      }
      return bytes
    }
    guard let first = sizes.first else { throw CommandError("--open names no size") }
    Interruption.watch()
    let work = try folder ?? TemporaryFolder.create()
    let isOurs = folder == nil || !DurableFile.isFolder(work)
    defer { if !keep, isOurs { try? DurableFile.remove(work) } }
    let report = BenchReport(format: output.format)
    if open != nil {
      try MemoryBench.opening(sizes: sizes, folder: work, report: report)
      return
    }
    let bench = MemoryBench(
      folder: work, rows: max(batch, first / 264), batch: batch, report: report)
    try bench.prepare()
    try bench.warm(rounds: rounds)
    try bench.cold(rounds: min(rounds, 5))
  }
}
