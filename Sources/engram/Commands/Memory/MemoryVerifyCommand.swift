import ArgumentParser
import Dispatch
import MemoryTables

/// Reads everything and compares it with what was published.
struct MemoryVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of tables against their checksums.",
    discussion: """
      Prints one line for each thing that is wrong, with file and place, and exits with 1.

        engram memory verify
        engram memory verify deepseek-v4.1/layer1@2
        engram memory verify deepseek-v4.1/layer1 --repair
      """)

  @Argument(
    help: ArgumentHelp("NAME or NAME@V; all versions of all tables without.", valueName: "table"))
  var table: String?

  @Flag(help: "Write the page directory anew first, where it is not the table's.")
  var repair = false

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var name: String
    var version: Int
    var rows: Int
    var bytes: Int
    var seconds: Double
    var problems: [String]
  }

  func run() throws {
    let store = try store.open(repair ? .writing : .reading)
    let tables =
      try table.map { [try store.publishedTable(TableReference(parsing: $0))] }
      ?? store.publishedTables()
    Interruption.watch()
    var isSound = true
    for published in tables {
      if repair, try Table.repairDirectory(published, in: store), output.format == .text {
        print("\(published.name)@\(published.version): page directory written anew")
      }
      let bar = ProgressBar("verifying \(published.name)@\(published.version)")
      let start = DispatchTime.now()
      defer { bar.clear() }
      let report = try Table.verify(published, in: store) { try bar.update($0, $1) }
      bar.clear()
      if !report.problems.isEmpty, try !store.isPublishedNow(published) {
        if output.format == .text {
          print("\(published.name)@\(published.version): dropped meanwhile")
        }
        continue
      }
      let seconds = ProgressBar.seconds(since: start)
      isSound = isSound && report.problems.isEmpty
      switch output.format {
      case .json:
        try JSONLine.print(
          Line(
            name: published.name, version: published.version, rows: report.rows,
            bytes: report.bytes, seconds: seconds, problems: report.problems))
      case .text:
        for problem in report.problems {
          print("\(published.name)@\(published.version): \(problem)")
        }
        if report.problems.isEmpty {
          print(
            "\(published.name)@\(published.version): \(report.rows) rows, "
              + "\(ByteCount.text(report.bytes)) in files, all as published")
        }
      }
    }
    if tables.isEmpty, output.format == .text { print("no tables in \(store.path) yet") }
    if !isSound { throw ExitCode(1) }
  }
}
