import ArgumentParser
import Files
import Storage

/// Putting, getting, choosing rows and looking up in the context store.
struct BenchContextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "context",
    abstract: "Measure the context store: puts, gets, top-k rows, and lookups among many blocks.",
    discussion: """
      blocks: puts and gets of 2 MiB blocks (32 layers of 64 tokens of 1,024 bytes), beside plain \
      writes, reads and copies of as many bytes. rows: the rows of 2,048 random tokens in each layer \
      of a long prompt, 656 bytes each, beside plain copies from a flat mapped file, and cold beside \
      fio where it is installed. lookup: a prompt of 128,000 tokens among --blocks small blocks of \
      4 KiB on disk. Cold reads need the folder on a real disk.

        engram bench context
        engram bench context --measure blocks --size 8G --folder /data/bench
        engram bench context --measure rows --context-tokens 4194304 --layers 8 --format json
        engram bench context --measure lookup --blocks 100000
      """)

  /// What is measured.
  enum Part: String, ExpressibleByArgument, CaseIterable {
    case blocks, rows, lookup
  }

  @Option(help: ArgumentHelp("What to measure; may be repeated (default: all).", valueName: "part"))
  var measure: [Part] = []

  @Option(help: ArgumentHelp("Bytes of blocks to put and get: 512M, 4G.", valueName: "size"))
  var size = "2G"

  @Option(help: ArgumentHelp("Blocks a call.", valueName: "blocks"))
  var batch = 16

  @Option(help: ArgumentHelp("Tokens of the prompt that rows are read of.", valueName: "tokens"))
  var contextTokens = 1_048_576

  @Option(help: ArgumentHelp("Its layers.", valueName: "layers"))
  var layers = 4

  @Option(help: ArgumentHelp("Rows to read in each layer.", valueName: "rows"))
  var rows = 2048

  @Option(help: ArgumentHelp("Blocks in the index.", valueName: "blocks"))
  var blocks = 1_000_000

  @Option(help: ArgumentHelp("Rounds; the median counts.", valueName: "count"))
  var rounds = 5

  @Option(help: ArgumentHelp("Where to work (default: a new scratch folder).", valueName: "folder"))
  var folder: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1000).contains(rounds), (1...256).contains(batch) else {
      throw ValidationError("--rounds is 1 to 1000, --batch 1 to 256")
    }
    guard (64...1 << 26).contains(contextTokens), contextTokens % 64 == 0,
      (1...256).contains(layers), (1...1 << 20).contains(rows)
    else {
      throw ValidationError(
        "--context-tokens is a multiple of 64 up to 67108864, --layers 1 to 256, --rows 1 to 1048576"
      )
    }
    guard (2000...100_000_000).contains(blocks) else {
      throw ValidationError("--blocks is 2000 to 100000000")
    }
  }

  func run() throws {
    guard let bytes = ByteCount.parse(size), bytes >= 64 << 20 else {
      throw CommandError("\(size) is no size from 64M on", hint: "write 512M or 4G")
    }
    Interruption.watch()
    let isOurs = folder == nil || !DurableFile.isFolder(folder!)
    let work = try folder ?? TemporaryFolder.create()
    try DurableFile.createFolder(work)
    defer { if isOurs { try? DurableFile.remove(work) } }
    let bench = ContextBench(
      folder: work + "/bench-context", rounds: rounds, report: BenchReport(format: output.format))
    let parts = measure.isEmpty ? Part.allCases : measure
    if parts.contains(.blocks) { try bench.blocks(bytes: bytes, batch: batch) }
    if parts.contains(.rows) {
      try bench.rows(tokens: contextTokens, layers: layers, rows: rows)
    }
    if parts.contains(.lookup) { try bench.lookup(blocks: blocks) }
  }
}
