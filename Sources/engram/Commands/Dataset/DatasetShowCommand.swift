import ArgumentParser
import Datasets
import Samples

/// Everything about one version.
struct DatasetShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what a dataset version is: kind, counts, chunks, source, identity.",
    discussion: """
      New chunks are those that the version it was made from does not name.

        engram dataset show corpus
        engram dataset show corpus@2 --format json
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "dataset"))
  var dataset: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var name: String
    var version: Int
    var parent: DatasetManifest.Parent?
    var message: String
    var kind: String
    var tokens: TokenLayout?
    var tokenizer: DatasetManifest.Tokenizer?
    var samples: Int
    var bytes: Int
    var chunks: Int
    var fileBytes: Int
    var extents: Int
    var pages: Int
    var newChunks: Int
    var sharedChunks: Int
    var identity: String
    var published: String
    var source: DatasetManifest.Source
  }

  func run() throws {
    let store = try store.open(.reading)
    let version = try store.datasetVersion(DatasetReference(parsing: dataset))
    let footprint = try store.footprint(of: version)
    let manifest = version.manifest
    let line = Line(
      name: manifest.name, version: manifest.version, parent: manifest.parent,
      message: manifest.message, kind: manifest.kind.rawValue, tokens: manifest.tokens,
      tokenizer: manifest.tokenizer, samples: manifest.samples, bytes: manifest.bytes,
      chunks: footprint.chunks, fileBytes: footprint.fileBytes, extents: footprint.extents,
      pages: footprint.pages, newChunks: footprint.change.added,
      sharedChunks: footprint.change.shared, identity: manifest.identity,
      published: version.published, source: manifest.source)
    switch output.format {
    case .json: try JSONLine.print(line)
    case .text: TextTable.print(Self.rows(line).map { $0.map(SingleLine.text) })
    }
  }

  private static func rows(_ line: Line) -> [[String]] {
    var rows = [
      ["dataset", "\(line.name)@\(line.version)"],
      ["identity", line.identity],
      ["published", line.published],
      ["message", line.message.isEmpty ? "none" : line.message],
      ["parent", line.parent.map { "version \($0.version), \($0.identity)" } ?? "none"],
      ["kind", line.kind],
    ]
    if let tokens = line.tokens {
      rows.append([
        "tokens",
        "\(tokens.width) bytes each"
          + (tokens.length.map { ", \($0) a sample" } ?? ", samples of any length")
          + (tokens.hasBoundaries ? ", document starts kept" : ""),
      ])
    }
    if let tokenizer = line.tokenizer {
      rows.append([
        "tokenizer", "\(tokenizer.vocabulary) ids, file SHA-256 \(tokenizer.sha256)",
      ])
    }
    let options = line.source.options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return rows + [
      ["samples", "\(line.samples)"],
      ["size", "\(ByteCount.text(line.bytes)), \(line.bytes) bytes"],
      [
        "chunks",
        "\(line.chunks) in files of \(ByteCount.text(line.fileBytes)): \(line.newChunks) new, "
          + "\(line.sharedChunks) shared with the parent",
      ],
      ["list", "\(line.extents) extents in \(line.pages) pages"],
      ["source", ([line.source.kind] + line.source.inputs).joined(separator: " ")],
      ["options", options.joined(separator: " ")],
    ]
  }
}
