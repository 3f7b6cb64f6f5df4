import ArgumentParser
import Datasets

/// Removes what no dataset version uses.
struct GarbageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Free the space of dropped dataset versions.",
    discussion: """
      What a process has open stays until it ends, and the next gc. What an interrupted ingest has \
      stored stays for `engram ingest --resume`, unless --interrupted is given.

        engram gc --dry-run
        engram gc
      """)

  @Flag(help: "Only say what would go.")
  var dryRun = false

  @Flag(help: "Forget interrupted ingests too; they cannot be resumed then.")
  var interrupted = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var isDryRun: Bool
    var chunks: Int
    var pages: Int
    var bytes: Int
    var collectedVersions: [String]
    var keptForReaders: [String]
    var keptForInterruptedIngests: [String]
    var forgottenIngests: [String]
  }

  func run() throws {
    // Where there is no store, none is made.
    var store = try self.store.open(.reading)
    if !dryRun { store = try self.store.open(.writing) }
    let report = try store.collectGarbage(isDryRun: dryRun, isForgettingIngests: interrupted)
    let line = Line(
      isDryRun: dryRun, chunks: report.chunks, pages: report.pages, bytes: report.bytes,
      collectedVersions: report.collectedVersions, keptForReaders: report.versionsInUse,
      keptForInterruptedIngests: interrupted ? [] : report.interruptedIngests,
      forgottenIngests: interrupted ? report.interruptedIngests : [])
    switch output.format {
    case .json: try JSONLine.print(line)
    case .text: show(line)
    }
  }

  private func show(_ line: Line) {
    print(
      "\(dryRun ? "would free" : "freed") \(ByteCount.text(line.bytes)): \(line.chunks) chunks, "
        + "\(line.pages) pages")
    for version in line.collectedVersions {
      print("\(version): dropped, \(dryRun ? "would be collected" : "collected")")
    }
    for version in line.keptForReaders { print("\(version): dropped, kept for a reader") }
    for name in line.keptForInterruptedIngests {
      print("\(name): interrupted ingest, kept; ingest --resume goes on with it")
    }
    for name in line.forgottenIngests {
      print("\(name): interrupted ingest, \(dryRun ? "would be forgotten" : "forgotten")")
    }
  }
}
