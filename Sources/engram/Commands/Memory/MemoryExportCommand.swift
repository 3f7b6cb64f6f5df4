import ArgumentParser
import MemoryBuilder
import MemoryTables

/// Tables back to safetensors.
struct MemoryExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write tables back as the safetensors files that they came from.",
    discussion: """
      A source file that held nothing but these tables comes back byte for byte: give all tables \
      of an import together. Other tensors go into memory-tables.safetensors.

        engram memory export deepseek-v4.1/layer1 deepseek-v4.1/layer14 --to exported
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V, one or more.", valueName: "table"))
  var tables: [String]

  @Option(help: ArgumentHelp("A new or empty folder.", valueName: "folder"))
  var to: String

  @OptionGroup var store: StoreOptions

  func run() throws {
    let store = try store.open(.reading)
    let opened = try tables.map { try Table(TableReference(parsing: $0), in: store) }
    Interruption.watch()
    let bar = ProgressBar("exporting")
    defer { bar.clear() }
    let files = try TableExport(tables: opened).run(to: to) { try bar.update($0, $1) }
    bar.clear()
    for file in files { print("\(to)/\(file)") }
  }
}
