import ChunkStore
import Digests
import Foundation
import Samples
import Storage

/// How far a version that is being made has come, durably: enough to go on from there. Kept in the
/// catalog, where it also keeps its chunks from being collected.
public struct InterruptedIngest: Codable, Sendable {
  /// The dataset's name.
  public var name: String
  /// What samples are.
  public var kind: SampleKind
  /// How token ids lie.
  public var tokens: TokenLayout?
  /// How chunks are made.
  public var storage: DatasetWriter.Storage
  /// The version that it builds on.
  public var parent: DatasetManifest.Parent?
  /// Whether samples go behind the parent's.
  public var isAppending: Bool
  /// The next sample that is expected of the parent.
  public var cursor: Int
  /// Pages that are stored.
  public var pages: [PageReference]
  /// The extents behind them, as a page's bytes.
  public var open: Data
  /// Samples so far.
  public var samples: Int
  /// Their bytes.
  public var bytes: Int
  /// The caller's own: where it was in its sources.
  public var state: Data

  static func key(_ name: String) -> [UInt8] { Array(name.utf8) }

  func record() throws -> [UInt8] {
    try CanonicalJSON.encode(self)
  }

  init(
    name: String, kind: SampleKind, tokens: TokenLayout?, storage: DatasetWriter.Storage,
    parent: DatasetManifest.Parent?, isAppending: Bool, cursor: Int, pages: [PageReference],
    open: Data, samples: Int, bytes: Int, state: Data
  ) {
    self.name = name
    self.kind = kind
    self.tokens = tokens
    self.storage = storage
    self.parent = parent
    self.isAppending = isAppending
    self.cursor = cursor
    self.pages = pages
    self.open = open
    self.samples = samples
    self.bytes = bytes
    self.state = state
  }

  /// Reads a catalog record.
  init(record: [UInt8], store: String) throws(DatasetError) {
    do {
      self = try JSONDecoder().decode(InterruptedIngest.self, from: Data(record))
    } catch {
      throw .corrupt(
        place: store + "/catalog", reason: "a record of it is no state of an ingest")
    }
    let extents = try openExtents(store: store)
    guard let total = pages.total, storage.isPossible, cursor >= 0, samples >= 0, bytes >= 0,
      extents.reduce(total.samples, { $0 &+ $1.count }) == samples,
      extents.reduce(total.bytes, { $0 &+ $1.rawBytes }) == bytes
    else {
      throw .corrupt(
        place: store + "/catalog", reason: "the interrupted ingest of \(name) is out of range")
    }
  }

  /// The extents behind the stored pages.
  func openExtents(store: String) throws(DatasetError) -> [Extent] {
    try ManifestPage.decode(Array(open), place: store + "/catalog")
  }
}

extension Store {
  /// How far an interrupted ingest into a dataset came; `nil` where there is none.
  public func interruptedIngest(of name: String) throws -> InterruptedIngest? {
    try catalog.value(of: InterruptedIngest.key(name), in: .ingests).map {
      try InterruptedIngest(record: $0, store: path)
    }
  }

  /// All interrupted ingests.
  public func interruptedIngests() throws -> [InterruptedIngest] {
    try catalog.entries(in: .ingests).map { try InterruptedIngest(record: $0.value, store: path) }
  }

  /// Forgets interrupted ingests; what they stored becomes garbage.
  public func forgetInterruptedIngests(_ names: [String]) throws {
    try catalog.commit(names.map { .init(InterruptedIngest.key($0), nil, in: .ingests) })
  }
}
