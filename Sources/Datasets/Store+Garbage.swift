import ChunkStore
import Digests
import Files
import Foundation
import Storage

/// What a collection of garbage removed, or would.
public struct GarbageReport: Sendable {
  /// Chunks that no version names.
  public var chunks = 0
  /// Manifest pages that no version names.
  public var pages = 0
  /// Bytes of both.
  public var bytes = 0
  /// Dropped versions whose data is gone now.
  public var collectedVersions: [String] = []
  /// Dropped versions that a reader has open: their data stays until the next collection.
  public var versionsInUse: [String] = []
  /// Interrupted ingests whose chunks were kept, for a resume; where they are forgotten, those that
  /// are.
  public var interruptedIngests: [String] = []
}

extension Store {
  /// Removes chunks and pages that nothing names: neither a version, nor a dropped version that a
  /// reader has open, nor an interrupted ingest.
  ///
  /// - Parameter isDryRun: only says what would go.
  /// - Parameter isForgettingIngests: interrupted ingests are forgotten, and what they stored goes.
  /// - Throws: where a manifest cannot be read: what it names is not known then, and nothing goes.
  /// Not beside a `DatasetWriter` of this process: what it has not published is garbage yet.
  ///
  /// - Complexity: O(chunks of the store), 16 bytes of memory each.
  public func collectGarbage(
    isDryRun: Bool = false, isForgettingIngests: Bool = false
  ) throws -> GarbageReport {
    // A record that cannot be seen would make live data garbage.
    try catalog.verifyChecksums()
    var report = GarbageReport()
    var leases: [(version: DatasetVersion, lease: DatasetLease?)] = []
    var named = try datasetVersions()
    for version in try droppedDatasetVersions() {
      let identity = version.manifest.identity
      let lease = DatasetLease(collecting: identity, in: path)
      #if PLANTED_FAULTS
      let hasLease =
        !PlantedFault.isPlanted(.gcIgnoresReaders)
        && DurableFile.size(of: DatasetLease.path(of: identity, in: path)) != nil
      #else
      let hasLease = DurableFile.size(of: DatasetLease.path(of: identity, in: path)) != nil
      #endif
      if lease == nil, hasLease {
        named.append(version)
        report.versionsInUse.append(version.title)
      } else {
        leases.append((version, lease))
        report.collectedVersions.append(version.title)
      }
    }
    let interrupted = try interruptedIngests()
    report.interruptedIngests = interrupted.map(\.name)
    let live = try liveObjects(
      of: named, interrupted: isForgettingIngests ? [] : interrupted)
    let (chunks, manifestPages) = (self.chunks, self.manifestPages)
    let deadChunks = try chunks.list().filter { !live.chunks.contains(ChunkKey($0.name)) }
    let deadPages = try manifestPages.list().filter { !live.pages.contains(ChunkKey($0.name)) }
    report.chunks = deadChunks.count
    report.pages = deadPages.count
    report.bytes = (deadChunks + deadPages).reduce(0) { $0 + $1.bytes }
    guard !isDryRun else { return report }
    // From here on nobody can open these versions, whatever list of versions he has read.
    for (version, _) in leases {
      try DurableFile.remove(DatasetLease.path(of: version.manifest.identity, in: path))
    }
    if isForgettingIngests { try forgetInterruptedIngests(report.interruptedIngests) }
    try catalog.commit(
      leases.map { version, _ in
        .init(
          DatasetVersion.key(
            name: version.manifest.name, version: version.manifest.version, isDropped: true), nil,
          in: .datasets)
      })
    for object in deadChunks { try chunks.delete(object.name) }
    for object in deadPages { try manifestPages.delete(object.name) }
    try removeStrayLeases(named: named)
    return report
  }

  private func liveObjects(
    of versions: [DatasetVersion], interrupted: [InterruptedIngest]
  ) throws -> (chunks: Set<ChunkKey>, pages: Set<ChunkKey>) {
    var liveChunks: Set<ChunkKey> = []
    var livePages: Set<ChunkKey> = []
    let pageStore = manifestPages
    for reference in versions.flatMap(\.manifest.pages) + interrupted.flatMap(\.pages) {
      // Whose name it is not was refused when the record was read.
      guard let name = SHA256Digest(hexadecimal: reference.name),
        livePages.insert(ChunkKey(name)).inserted
      else { continue }
      for extent in try Dataset.extents(of: reference, in: pageStore) {
        liveChunks.insert(ChunkKey(extent.chunk.name))
      }
    }
    for ingest in interrupted {
      for extent in try ingest.openExtents(store: path) {
        liveChunks.insert(ChunkKey(extent.chunk.name))
      }
    }
    return (liveChunks, livePages)
  }

  /// Lease files of versions that never were published, or no longer are.
  private func removeStrayLeases(named: [DatasetVersion]) throws {
    guard DurableFile.isFolder(path + "/leases") else { return }
    let identities = Set(named.map(\.manifest.identity))
    for name in try DurableFile.names(in: path + "/leases") where !identities.contains(name) {
      try DurableFile.remove(path + "/leases/" + name)
    }
  }
}
