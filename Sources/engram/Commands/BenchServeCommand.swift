import ArgumentParser
import Files
import Foundation
import MemoryTables
import Storage

/// Rows over HTTP.
struct BenchServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Measure rows over HTTP, beside gathers of the same rows in this process.",
    discussion: """
      Starts engram serve on a socket of its own, and asks it for random rows with 1, 4 and 16 clients \
      at once: how many rows a second, and how long an answer takes. Answers are compared with the \
      table itself. Without --table a table of 264-byte rows is made.

        engram bench serve
        engram bench serve --store store --table deepseek-v4.1/layer1 --seconds 4 --format json
      """)

  @Option(help: ArgumentHelp("Bytes of the table that is made: 512M, 4G.", valueName: "size"))
  var size = "1G"

  @Option(help: ArgumentHelp("Ask for rows of this table instead.", valueName: "name"))
  var table: String?

  @Option(help: ArgumentHelp("How long each figure is measured.", valueName: "seconds"))
  var seconds = 2.0

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (0.02...3600).contains(seconds) else {
      throw ValidationError("--seconds is 0.02 to 3600")
    }
    guard table != nil || store.store == nil else {
      throw ValidationError("--store needs --table")
    }
  }

  func run() throws {
    Interruption.watch()
    let work = try TemporaryFolder.create()
    defer { try? DurableFile.remove(work) }
    var path = store.path
    if table == nil {
      guard let bytes = ByteCount.parse(size), bytes >= 1 << 20 else {
        throw CommandError("\(size) is no size from 1M on", hint: "write 512M or 4G")
      }
      path = work + "/store"
      try MemoryBench.publish(rows: bytes / 264, dimension: 256, rowBytes: 264, in: path)
    }
    let opened = try Table(
      TableReference(parsing: table ?? MemoryBench.name), in: Store(path: path, mode: .reading))
    let server = try ServeBenchServer(store: path, folder: work)
    defer { server.stop() }
    try ServeBench(
      table: opened, socketPath: server.socketPath, seconds: seconds,
      report: BenchReport(format: output.format)
    ).run()
  }
}
