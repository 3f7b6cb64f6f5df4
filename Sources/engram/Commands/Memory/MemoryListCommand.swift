import ArgumentParser
import Foundation
import MemoryTables

/// The store's tables.
struct MemoryListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the tables and versions of a store.",
    discussion: """
        engram memory list
        engram memory list --format json | jq .name
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var name: String
    var version: Int
    var rows: Int
    var dimension: Int
    var codec: String
    var exact: ExactTable?
    var bytes: Int
    var identity: String
    var published: String
    /// What leads to a row.
    var foundBy: String { exact != nil ? "N-gram" : isAddressed ? "hash" : "number" }
    var isAddressed: Bool

    private enum CodingKeys: String, CodingKey {
      case name, version, rows, dimension, codec, exact, bytes, identity, published
    }
  }

  func run() throws {
    let store = try store.open(.reading)
    let lines = try store.publishedTables().compactMap { published -> Line? in
      let manifest: TableManifest
      do {
        manifest = try TableManifest.published(published, in: store)
      } catch {
        guard try store.isPublishedNow(published) else { return nil }
        throw error
      }
      return Line(
        name: published.name, version: published.version, rows: manifest.rows,
        dimension: manifest.dimension, codec: manifest.codec.rawValue,
        exact: manifest.exact, bytes: manifest.rows * manifest.rowBytes,
        identity: published.identity,
        published: published.published, isAddressed: manifest.addressing != nil)
    }
    switch output.format {
    case .json:
      for line in lines { try JSONLine.print(line) }
    case .text:
      guard !lines.isEmpty else {
        print("no tables in \(store.path) yet")
        return
      }
      TextTable.print(
        [["table", "rows", "found by", "width", "codec", "size", "published", "identity"]]
          + lines.map {
            [
              "\($0.name)@\($0.version)", "\($0.rows)", $0.foundBy, "\($0.dimension)", $0.codec,
              ByteCount.text($0.bytes), $0.published, String($0.identity.prefix(12)),
            ]
          })
    }
  }
}
