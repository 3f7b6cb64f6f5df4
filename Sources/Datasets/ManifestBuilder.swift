import ChunkStore
import Digests
import Foundation

/// Cuts a version's extents into pages, by content, and stores each page as it is complete.
struct ManifestBuilder {
  /// Pages that are stored.
  private(set) var pages: [PageReference]
  /// Extents behind them; the last one may grow.
  private(set) var open: [Extent]

  private let store: any ChunkBackend

  /// A page ends behind an extent with this chance, one in so many, between these bounds.
  static let pageBounds = 1024...8192
  private static let oneIn: UInt64 = 2048

  /// - Parameter pages: of the version to go on with, none of them the last one, whose extents
  ///   are `open`.
  init(pages: [PageReference] = [], open: [Extent] = [], store: any ChunkBackend) {
    self.pages = pages
    self.open = open
    self.store = store
  }

  /// Adds the next extent.
  mutating func append(_ extent: Extent) throws {
    if let last = open.last {
      if last.isFollowed(by: extent) {
        open[open.count - 1].count += extent.count
        open[open.count - 1].rawBytes += extent.rawBytes
        return
      }
      if endsPage(behind: last) { try completePage() }
    }
    open.append(extent)
  }

  /// Stores what is left and returns all pages.
  mutating func finish() throws -> [PageReference] {
    if !open.isEmpty { try completePage() }
    return pages
  }

  private func endsPage(behind extent: Extent) -> Bool {
    guard open.count >= Self.pageBounds.lowerBound else { return false }
    let word = extent.chunk.name.bytes.number(UInt64.self, at: 0)
    return open.count >= Self.pageBounds.upperBound
      || (word ^ UInt64(extent.first)).isMultiple(of: Self.oneIn)
  }

  private mutating func completePage() throws {
    let bytes = ManifestPage.encode(open)
    let name = bytes.withUnsafeBytes { SHA256Digest(of: $0) }
    _ = try bytes.withUnsafeBytes { try store.putIfAbsent(name, $0) }
    pages.append(
      PageReference(
        name: name.description, extents: open.count, samples: open.reduce(0) { $0 + $1.count },
        bytes: open.reduce(0) { $0 + $1.rawBytes }))
    open = []
  }
}
