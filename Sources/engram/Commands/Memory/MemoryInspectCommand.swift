import Addressing
import ArgumentParser
import MemoryBuilder
import MemoryTables

/// Everything about one version.
struct MemoryInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a table version is: shape, layout, addressing, source, identity.",
    discussion: """
        engram memory inspect deepseek-v4.1/layer1
        engram memory inspect deepseek-v4.1/layer1@2 --format json
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "table"))
  var table: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let store = try store.open(.reading)
    let table = try Table(TableReference(parsing: table), in: store)
    let manifest = table.manifest
    guard output.format == .text else {
      try JSONLine.print(manifest)
      return
    }
    var lines = [
      ["table", "\(manifest.name)@\(manifest.version)"],
      ["identity", manifest.identity],
      ["published", table.published.published],
      ["rows", "\(manifest.rows) of \(manifest.dimension) numbers, \(manifest.rowBytes) bytes"],
      [
        "codec",
        manifest.codec.rawValue + (manifest.scaleBits == nil ? "" : ", scale \(manifest.scale)"),
      ],
      [
        "pages",
        "\(manifest.storedPages) of \(manifest.pages) stored, \(manifest.rowsPerPage) rows of "
          + "\(manifest.slotStride) bytes each",
      ],
      ["size", ByteCount.text(manifest.rows * manifest.rowBytes)],
      ["source", Self.text(of: manifest.source)],
      ["folder", table.folder],
      ["access", Self.text(of: table)],
    ]
    if let addressing = manifest.addressing {
      lines.append([
        "addressing",
        "\(addressing.preset), layer \(addressing.layer), orders 2 to \(addressing.maxOrder), "
          + "\(addressing.heads) heads, \(addressing.columns) rows a token",
      ])
      let sizes = addressing.bucketSizes.joined()
      lines.append(["bucket sizes", "\(sizes.min() ?? 0) to \(sizes.max() ?? 0)"])
      lines.append(["multipliers", addressing.multipliers.map(String.init).joined(separator: ", ")])
      lines.append(["tokens", Self.text(of: addressing.tokens)])
      lines.append(["token map", try table.tokenMap() == nil ? "not stored" : "stored"])
    }
    if let exact = manifest.exact {
      let orders =
        exact.shortest == exact.longest
        ? "\(exact.longest)" : "\(exact.shortest) to \(exact.longest)"
      lines.append(["exact", "\(exact.ngrams) N-grams of \(orders) tokens, one a row"])
      lines.append(["tokens", Self.text(of: exact)])
      lines.append(["tokenizer", exact.tokenizer.map { "SHA-256 \($0)" } ?? "not known"])
      if exact.tokens == .mapped {
        lines.append(["token map", try table.tokenMap() == nil ? "not stored" : "stored"])
      }
      lines += try Self.provenance(of: table)
    }
    TextTable.print(lines)
  }

  private static func text(of exact: ExactTable) -> String {
    switch exact.tokens {
    case .raw: "raw ids, \(exact.vocabulary) of them"
    case .mapped:
      "\(exact.vocabulary) ids mapped to \(exact.keyVocabulary), map SHA-256 "
        + (exact.tokenMap ?? "")
    }
  }

  /// What the file of the vectors said of itself: model, layer.
  private static func provenance(of table: Table) throws -> [[String]] {
    try TableGraft.vectorsMetadata(of: table).sorted { $0.key < $1.key }.prefix(16).map {
      [
        "vectors: " + SingleLine.text(String($0.key.prefix(40))),
        SingleLine.text(String($0.value.prefix(200))),
      ]
    }
  }

  private static func text(of source: TableManifest.Source) -> String {
    guard let from = source.from else { return "\(source.kind), \(source.tensors.count) tensors" }
    return "\(source.kind) from \(from.name)@\(from.version), \(from.codec.rawValue), identity "
      + from.identity
  }

  private static func text(of table: Table) -> String {
    switch table.directoryOrigin {
    case .stored?: "mapped"
    case .rebuilt(let reason)?: "mapped; page directory built anew: \(reason)"
    case nil: "through RocksDB"
    }
  }

  private static func text(of rule: Addressing.TokenRule) -> String {
    switch rule {
    case .raw: "raw ids"
    case .mapped(let vocabulary, let compressed, let map):
      (vocabulary.map { "\($0) ids mapped to \(compressed)" } ?? "mapped to \(compressed)")
        + (map.map { ", map SHA-256 \($0)" } ?? "")
    }
  }
}
