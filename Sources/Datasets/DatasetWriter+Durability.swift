import ChunkStore
import Foundation
import Samples
import Storage

// How far a version that is being made has come durably, and how to go on from there.
extension DatasetWriter {
  /// Says where the caller is in its sources, right behind a completed chunk. When everything
  /// before it is durable, an interrupted ingest can go on from there.
  public func mark(_ state: Data) throws {
    pending.append(
      .mark(state: state, cursor: matcher?.cursor ?? 0, samples: samples, bytes: bytes))
    try drain(isWaiting: false)
    if lastSaved.duration(to: .now) >= Self.savingInterval { try saveDurablePoint() }
  }

  /// Moves what is settled from `pending` into the manifest.
  func drain(isWaiting: Bool) throws {
    var done = 0
    defer { pending.removeFirst(done) }
    var resolved: (slot: Int, chunk: SealedChunk)?
    resolving: while done < pending.count {
      switch pending[done] {
      case .extent(let extent): try manifest.append(extent)
      case .part(let slot, let first, let count, let rawBytes):
        if resolved?.slot != slot {
          guard slot < self.slot, let found = try pool.take(slot: slot, isWaiting: isWaiting) else {
            break resolving
          }
          resolved = (slot, found.chunk)
          if found.isNew {
            progress.newChunks += 1
            progress.newFileBytes += found.chunk.fileBytes
          }
        }
        guard let chunk = resolved?.chunk else { break resolving }
        try manifest.append(Extent(chunk: chunk, first: first, count: count, rawBytes: rawBytes))
      case .mark(let state, let cursor, let samples, let bytes):
        durable = InterruptedIngest(
          name: name, kind: kind, tokens: tokens, storage: storage, parent: parentReference,
          isAppending: isAppending, cursor: cursor, pages: manifest.pages,
          open: Data(ManifestPage.encode(manifest.open)), samples: samples, bytes: bytes,
          state: state)
        isDurableSaved = false
      }
      done += 1
    }
  }

  /// Keeps the last durable point in the catalog.
  private func saveDurablePoint() throws {
    lastSaved = .now
    guard let durable, !isDurableSaved else { return }
    try chunks.synchronize()
    try pages.synchronize()
    try store.catalog.commit(
      [.init(InterruptedIngest.key(name), try durable.record(), in: .ingests)])
    isDurableSaved = true
  }

  /// What was settled before this writer's first sample: the parent's samples where it appends,
  /// those of the interrupted run where it goes on; `nil` where there are none.
  ///
  /// - Throws: what storing a page throws.
  public func written() throws -> Dataset? {
    guard samples > 0 else { return nil }
    var copy = manifest
    var version = DatasetVersion(
      manifest: DatasetManifest(
        name: name, version: 1, message: "", kind: kind, tokens: tokens, samples: 0, bytes: 0,
        pages: try copy.finish(), source: .init(kind: "ingest", inputs: []), identity: ""),
      published: "")
    for page in version.manifest.pages {
      version.manifest.samples += page.samples
      version.manifest.bytes += page.bytes
    }
    return Dataset(version, chunks: chunks, pages: pages, lease: nil)
  }

  /// Keeps what has come in durably, for a later resume, and ends. The store shows what it showed.
  public func suspend() throws {
    defer { pool.close() }
    // What lies in the chunk that is not full, and all behind it, is not kept.
    try drain(isWaiting: true)
    try saveDurablePoint()
  }
}
