import Bitsets
import Datasets
import Digests
import Files
import Foundation
import PassageIndex
import Storage
import Synchronization
import Terms

/// The making of one index: folders under `tmp/` until it is published.
final class IndexWork: Sendable {
  let builder: IndexBuilder
  let dataset: Dataset
  let base: SegmentedIndex?
  /// New folders.
  private let made = Mutex<[(id: String, path: String)]>([])
  var folders: [(id: String, path: String)] { made.withLock { $0 } }
  var store: Store { builder.store }

  /// A segment of the new index and what of it belongs to it.
  struct Part: Sendable {
    var segment: Segment
    /// The documents' sample numbers; `SampleMatching.none` for those that are gone.
    var samples: [UInt32]
    /// Its number in the base's list; `nil` where it is new.
    var baseNumber: Int?

    func isAlive(_ document: Int) -> Bool { samples[document] != SampleMatching.none }

    var alive: Int { samples.reduce(0) { $0 + ($1 == SampleMatching.none ? 0 : 1) } }

    /// The documents that are there.
    var aliveDocuments: Bitset {
      var documents = Bitset(count: samples.count)
      for (document, sample) in samples.enumerated() where sample != SampleMatching.none {
        documents.insert(document)
      }
      return documents
    }

    /// The passages of documents that are gone.
    var lostPassages: Bitset {
      var lost = Bitset(count: segment.description.passages)
      for document in samples.indices where !isAlive(document) {
        lost.insert(contentsOf: segment.passages(ofDocument: document))
      }
      return lost
    }
  }

  init(builder: IndexBuilder, dataset: Dataset, base: SegmentedIndex?) throws {
    self.builder = builder
    self.dataset = dataset
    self.base = base
  }

  func newFolder() throws -> (id: String, path: String) {
    let id = Store.newIdentifier()
    let path = try store.createTemporaryFolder(id)
    made.withLock { $0.append((id, path)) }
    return (id, path)
  }

  /// Forgets a folder that is not needed any more.
  func discard(_ id: String) {
    for folder in folders where folder.id == id { try? DurableFile.remove(folder.path) }
    made.withLock { $0.removeAll { $0.id == id } }
  }

  func run(vectors: IndexVectors?) throws -> IndexBuilder.Result {
    do {
      return try runUnguarded(vectors: vectors)
    } catch {
      for folder in folders { try? DurableFile.remove(folder.path) }
      throw error
    }
  }

  private func runUnguarded(vectors: IndexVectors?) throws -> IndexBuilder.Result {
    let ticker = try ProgressTicker(.comparing, total: dataset.count, report: builder.progress)
    let digests = try SampleMatching.digests(
      of: dataset, threads: builder.resources.threads)
    try ticker.advance(by: dataset.count)
    let matching = SampleMatching(digests: digests, segments: base?.segments ?? [])
    try checkSpace(missing: matching.missing)
    var parts: [Part] = []
    for (number, segment) in (base?.segments ?? []).enumerated() {
      let part = Part(segment: segment, samples: matching.samples[number], baseNumber: number)
      if part.alive > 0 { parts.append(part) }
    }
    let read = try SegmentMaking(work: self, samples: matching.missing, digests: digests).run()
    parts += read.parts
    parts = try Compaction(work: self).run(parts)
    let version = try newFolder()
    var manifest = try IndexVersionWriter(work: self, folder: version.path).write(parts)
    if let vectors { try vectors.add(to: &manifest, parts: parts, work: self) }
    let index = try publish(manifest, version: version)
    return IndexBuilder.Result(
      index: index, manifest: manifest, base: base?.manifest.version,
      indexed: matching.missing.count, indexedBytes: read.textBytes, wasThere: false)
  }

  /// An index is smaller than its text; while it is made, runs and merged segments are there at once.
  private func checkSpace(missing: [Int]) throws {
    let share = dataset.count == 0 ? 0 : Double(missing.count) / Double(dataset.count)
    let needed = Int(Double(dataset.manifest.bytes) * share) + (64 << 20)
    var status = statvfs()
    guard statvfs(store.path, &status) == 0 else { throw FileError("stat", store.path) }
    let free = Int(clamping: status.f_bavail) * Int(clamping: status.f_frsize)
    guard free >= needed else {
      throw RetrievalError.diskFull(path: store.path, needed: needed, free: free)
    }
  }

  /// Sums the new folders' files and makes everything visible.
  private func publish(
    _ manifest: IndexManifest, version: (id: String, path: String)
  ) throws -> PublishedIndex {
    let json = try manifest.canonicalJSON()
    try json.withUnsafeBytes { try DurableFile.write($0, to: version.path + "/manifest.json") }
    var sums: [String: String] = [:]
    let names = try folders.map { folder in
      (folder, try DurableFile.names(in: folder.path).sorted())
    }
    let total = names.reduce(0) { total, entry in
      entry.1.reduce(total) { $0 + (DurableFile.size(of: entry.0.path + "/" + $1) ?? 0) }
    }
    let ticker = try ProgressTicker(.checking, total: total, report: builder.progress)
    for (folder, files) in names {
      let list = try FileChecksums(folder: folder.path, names: files) {
        try ticker.advance(by: FileChecksums.chunkBytes)
      }.canonicalJSON()
      try list.withUnsafeBytes { try DurableFile.write($0, to: folder.path + "/checksums") }
      sums[folder.id] = list.withUnsafeBytes { SHA256Digest(of: $0) }.description
    }
    for folder in base?.index.folders ?? [] { sums[folder.id] = folder.checksums }
    var used = [version.id] + manifest.segments.flatMap { [$0.id] + [$0.vectors].compactMap { $0 } }
    if let model = manifest.vectors?.model { used.append(model) }
    let index = PublishedIndex(
      dataset: manifest.dataset, version: manifest.version, id: version.id,
      identity: json.withUnsafeBytes { SHA256Digest(of: $0) }.description,
      folders: used.map { .init(id: $0, checksums: sums[$0] ?? "") },
      published: ISO8601DateFormatter().string(from: Date()))
    try builder.progress(IndexProgress(phase: .checking, done: total, total: total))
    // An index of the same version makes room for this one.
    let old = try store.publishedIndexes(ofDataset: manifest.dataset)
      .filter { $0.version == manifest.version }
    let abandoned = try store.foldersOnly(of: old).filter { id in !used.contains(id) }
    try store.publish(
      folders: folders.filter { used.contains($0.id) },
      edits: [
        .init(
          PublishedIndex.key(dataset: index.dataset, version: index.version), index.record(),
          in: .tables)
      ] + abandoned.map { .init(Array($0.utf8), nil, in: .folders) })
    // Named by nothing since that commit: were this the end, the next writer would remove them.
    try store.withdraw(folders: abandoned, edits: [])
    return index
  }
}
