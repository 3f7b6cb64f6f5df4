import Addressing
import ArgumentParser
import Checkpoints
import Dispatch
import MemoryBuilder
import MemoryTables
import Tokenization

/// Copies a checkpoint's tables into the store.
struct MemoryImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Import the memory tables of a model folder.",
    discussion: """
      Reads config.json and the safetensors files of DeepSeek-V4.1 and Qwen PLE models, or a \
      plain tensor of rows. All tables appear at once when the import is complete; stopped or \
      killed before, nothing has changed. Memory stays bounded whatever the size.

        engram memory import --from DeepSeek-V4.1-Flash --name deepseek-v4.1
        engram memory import --from Qwen3.8-Flash-Next --name qwen3.8 --store /data/store
        engram memory import --from rows --name plain --tensor embedding.weight
        engram memory import --from rows --name mine --preset qwen-ple --base 1000
      """)

  @Option(help: ArgumentHelp("The model folder.", valueName: "folder"))
  var from: String

  @Option(
    help: ArgumentHelp(
      "The tables' name; a model's get /layerN behind it (default: the folder's name).",
      valueName: "name"))
  var name: String?

  @Option(
    name: .customLong("layer"),
    help: ArgumentHelp("Only this layer's table; may be given several times.", valueName: "layer"))
  var onlyLayers: [Int] = []

  @Option(
    help: ArgumentHelp(
      "The tensor that holds the rows, [rows, width]: reads the folder as plain tensors.",
      valueName: "tensor"))
  var tensor: String?

  @OptionGroup var tokens: TokenSourceOptions
  @OptionGroup(title: "Addressing of a plain tensor") var addressing: AddressingOptions

  @Option(help: ArgumentHelp("Worker threads (default: one a core).", valueName: "count"))
  var threads = 0

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let folder = try CheckpointFolder(path: from, plain: tensor != nil)
    var tableImport = TableImport(name: name ?? Self.baseName(of: from))
    tableImport.layers = onlyLayers.isEmpty ? nil : onlyLayers
    tableImport.tensor = tensor
    tableImport.threads = threads
    if addressing.preset != nil || addressing.config != nil {
      let layers = try addressing.resolved()
      guard folder.family == .plain else {
        throw CommandError(
          "\(from) says itself how its tables are addressed",
          hint: "leave --preset and --config away, or name a tensor with --tensor")
      }
      guard layers.count == 1 else {
        throw CommandError(
          "the addressing describes \(layers.count) tables, a tensor is one",
          hint: "name its layer with --layers")
      }
      tableImport.addressing = layers[0]
    }
    tableImport.tokenMap = try tokenMap(for: folder)
    let destination = try store.open(.writing)
    Interruption.watch()
    let bar = ProgressBar("importing")
    let start = DispatchTime.now()
    defer { bar.clear() }
    let report = try tableImport.run(from: folder, into: destination) { done, total in
      try bar.update(done, total)
    }
    bar.clear()
    try show(report, seconds: ProgressBar.seconds(since: start), in: folder)
  }

  private func tokenMap(for folder: CheckpointFolder) throws -> TokenMap? {
    if let map = try tokens.resolved().map { return map }
    guard folder.family == .deepseekV41, let path = folder.tokenizerPath else { return nil }
    return try TokenMap(tokenizer: try Tokenizer(path: path))
  }

  private func show(
    _ report: TableImport.Report, seconds: Double, in folder: CheckpointFolder
  ) throws {
    struct Line: Encodable {
      var name: String
      var version: Int
      var identity: String
      var bytes: Int
      var seconds: Double
      var comparedRows: Int
    }
    switch output.format {
    case .json:
      for table in report.tables {
        try JSONLine.print(
          Line(
            name: table.name, version: table.version, identity: table.identity,
            bytes: report.bytes, seconds: seconds, comparedRows: report.comparedRows))
      }
    case .text:
      for table in report.tables {
        print("imported \(table.name)@\(table.version)  identity \(table.identity)")
      }
      print(
        "\(ByteCount.text(report.bytes)) in \(Self.oneDecimal(seconds)) s, "
          + "\(ByteCount.text(Double(report.bytes) / seconds))/s; \(report.comparedRows) rows "
          + "compared with \(folder.path), all equal")
      if folder.family == .deepseekV41, tokens.tokenizer == nil, tokens.tokenMap == nil,
        folder.tokenizerPath == nil
      {
        print(
          "no tokenizer.json in \(folder.path): lookups by token will need --tokenizer or "
            + "--token-map")
      }
    }
  }

  private static func oneDecimal(_ value: Double) -> String {
    "\((value * 10).rounded() / 10)"
  }

  private static func baseName(of path: String) -> String {
    String(path.split(separator: "/").last ?? "table")
  }
}
