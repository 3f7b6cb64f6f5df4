import ArgumentParser
import NgramCounts
import Storage

/// The store's counts.
struct CountsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the N-gram counts of a store.",
    discussion: """
        engram memory counts list
        engram memory counts list --format json | jq .name
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var name: String
    var version: Int
    var dataset: String
    var orders: [Int]
    var tokens: String
    var distinct: UInt64
    var identity: String
    var published: String
  }

  func run() throws {
    let store = try store.open(.reading)
    let lines = try store.publishedCounts().compactMap { published -> Line? in
      let manifest: CountsManifest
      do {
        manifest = try CountsManifest.published(published, in: store)
      } catch {
        guard try store.isPublishedNow(published) else { return nil }
        throw error
      }
      return Line(
        name: published.name, version: published.version, dataset: manifest.subject.dataset.title,
        orders: manifest.orders.map(\.order), tokens: manifest.subject.tokens.kind.rawValue,
        distinct: manifest.orders.reduce(0) { $0 &+ $1.distinct }, identity: published.identity,
        published: published.published)
    }
    switch output.format {
    case .json: for line in lines { try JSONLine.print(line) }
    case .text:
      guard !lines.isEmpty else {
        print("no counts in \(store.path) yet")
        return
      }
      TextTable.print(
        [["counts", "dataset", "orders", "tokens", "different", "published", "identity"]]
          + lines.map {
            [
              "\($0.name)@\($0.version)", $0.dataset,
              "\($0.orders.first ?? 0)-\($0.orders.last ?? 0)", $0.tokens, "\($0.distinct)",
              $0.published, String($0.identity.prefix(12)),
            ]
          })
    }
  }
}
