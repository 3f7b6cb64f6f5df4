import ArgumentParser
import ContextReplay
import ContextStore
import Files
import Foundation
import Storage

/// A trace of prompts against context stores of several sizes.
struct ContextReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Replay traces of prompts against budgets: how much disk gives how many hits.",
    discussion: """
      A trace is JSON lines: {"time":0,"session":"a","tokens":[1,2,3]}, and where a prompt begins \
      like the session's one before, {"time":2,"session":"a","shared":2,"tokens":[7]}. Tools/make-traces \
      makes some. For each budget a new store is made, every prompt looked up, what is there read, and \
      the rest put, with bytes that follow from the tokens. The hit rate is by tokens.

      Layouts: \(ContextLayoutArgument.forms). With --bytes-per-token the state and the budgets are \
      shrunk alike: hit rates hold, bytes and waits are those of the small state.

        engram context replay agent.jsonl --layout latent-fp8:61 --capacity 16G,64G,256G
        engram context replay chat.jsonl --bytes-per-token 656 --capacity 64G,256G,1T --simulate \\
          --plot budget.svg
        engram context replay agent.jsonl --layout dsa:61 --context /data/context --capacity 200G \\
          --durable --verify
      """)

  @Argument(help: ArgumentHelp("Traces, one after another.", valueName: "trace"))
  var traces: [String]

  @Option(help: ArgumentHelp("The state of a token.", valueName: "layout"))
  var layout = ContextLayoutArgument(argument: "latent-fp8:61")!

  @Option(help: ArgumentHelp("Store so many bytes a token instead.", valueName: "bytes"))
  var bytesPerToken: Int?

  @Option(help: ArgumentHelp("Budgets: 16G,64G.", valueName: "sizes"))
  var capacity: String

  @Flag(help: "Wait for the disk after each put.")
  var durable = false

  @Flag(help: "Compare what is read with what was put, byte for byte.")
  var verify = false

  @Flag(help: "Also: what blocks kept exactly by recency would hit, and what no limit would.")
  var simulate = false

  @Option(help: ArgumentHelp("Draw hit rates by budget, .png or .svg.", valueName: "file"))
  var plot: String?

  @Option(help: ArgumentHelp("Keep the store in this folder; for one budget.", valueName: "folder"))
  var context: String?

  @Option(help: ArgumentHelp("Where to make scratch stores.", valueName: "folder"))
  var folder: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard bytesPerToken == nil || (1...1 << 20).contains(bytesPerToken!) else {
      throw ValidationError("--bytes-per-token takes 1 to 1048576")
    }
    if let plot, ![".png", ".svg"].contains(where: { plot.lowercased().hasSuffix($0) }) {
      throw ValidationError("--plot takes a .png or .svg file")
    }
    guard context == nil || folder == nil else {
      throw ValidationError("give either --context or --folder")
    }
  }

  func run() throws {
    let budgets = try self.budgets()
    let plan = ReplayPlan(
      traces: traces, layout: layout.layout, bytesPerToken: bytesPerToken, isDurable: durable,
      isVerifying: verify, isSimulating: simulate)
    Interruption.watch()
    let bar = ProgressBar("replaying")
    defer { bar.clear() }
    let total = plan.traceBytes * budgets.count
    var lines: [ReplayLine] = []
    for (number, budget) in budgets.enumerated() {
      let line = try withFolder { path in
        try plan.run(budget: budget, path: path, isFirst: number == 0) { done in
          try bar.update(
            number * plan.traceBytes + done, total, detail: "budget \(budget.text)")
        }
      }
      lines.append(line)
      if output.format == .json {
        bar.clear()
        try JSONLine.print(line)
        try StandardStreams.flushOutput()
      }
    }
    bar.clear()
    if output.format == .text { ReplayTable(lines: lines).printText() }
    if let plot { try ReplayTable(lines: lines).chart(layout.name).write(to: plot) }
    if lines.contains(where: { ($0.report.wrongBlocks ?? 0) > 0 }) { throw ExitCode(1) }
  }

  /// From the smallest on: what is too small is known first.
  private func budgets() throws -> [ReplayBudget] {
    let budgets = try capacity.split(separator: ",").map { text in
      guard let bytes = ByteCount.parse(String(text)) else {
        throw CommandError("\(text) is no size", hint: "write 512M or 64G")
      }
      return ReplayBudget(text: String(text), bytes: bytes)
    }
    guard !budgets.isEmpty else { throw CommandError("--capacity names no size") }
    guard context == nil || budgets.count == 1 else {
      throw CommandError("--context takes one budget", hint: "leave it away to compare several")
    }
    return budgets.sorted { $0.bytes < $1.bytes }
  }

  /// Calls `body` with the folder of a store; a scratch one is removed, however it ends.
  private func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    if let context { return try body(context) }
    let scratch: String
    if let folder {
      scratch = folder + "/replay-\(UUID().uuidString)"
      try DurableFile.createFolder(scratch)
    } else {
      scratch = try TemporaryFolder.create()
    }
    defer { try? DurableFile.remove(scratch) }
    return try body(scratch + "/context")
  }
}
