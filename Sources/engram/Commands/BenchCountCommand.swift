import ArgumentParser

/// `engram bench count`: how fast N-grams are counted, and in how much memory.
struct BenchCountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "count",
    abstract: "Measure counting N-grams: tokens a second, and the most memory.",
    discussion: """
      Runs engram memory count in a process of its own and drops what it published; the memory is \
      that process's, shared pages counted. Prints what was found, too: the naive counts of \
      Tools/peers/count_peers.py must find the same.

        engram bench count linux-source --tokenizer tokenizer.json --memory 2G
        engram bench count linux-doc-ids --tokenizer tokenizer.json --raw-tokens --rounds 3
      """)

  @OptionGroup var options: CountOptions

  @Option(help: ArgumentHelp("Rounds; the median counts.", valueName: "count"))
  var rounds = 1

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...99).contains(rounds) else { throw ValidationError("--rounds: 1 to 99") }
  }

  func run() throws {
    Interruption.watch()
    var more = ["--orders", options.orders, "--memory", options.resources.memory]
    more += ["--threads", "\(options.resources.threads)"]
    if options.rawTokens { more.append("--raw-tokens") }
    if let share = options.heldOut { more += ["--held-out", share, "--seed", "\(options.seed)"] }
    if let work = options.resources.work { more += ["--work", work] }
    try CountBench(
      dataset: options.dataset, tokenizer: options.tokenizer, store: store.path, options: more,
      report: BenchReport(format: output.format)
    ).run(rounds: rounds)
  }
}
