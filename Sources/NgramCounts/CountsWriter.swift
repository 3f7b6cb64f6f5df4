import Digests
import Files
import Foundation
import Storage

/// Publishes merged runs: blocks go into sorted table files, one an order, those into a database,
/// and the whole becomes visible in one commit. Killed at any moment, it leaves nothing visible.
public struct CountsWriter: Sendable {
  private let store: Store
  private let threads: Int

  /// A writer into `store`, which must be open for writing.
  public init(store: Store, threads: Int = 0) {
    self.store = store
    self.threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
  }

  /// Publishes the sum of some run files, which must cover the whole dataset: the reduce step.
  ///
  /// - Parameter work: a folder for intermediate runs; the store's own where `nil`.
  /// - Throws: `CountError`, `StorageError`, `FileError`.
  public func publish(
    runs paths: [String], as name: String, work: String? = nil,
    progress: @escaping NgramCounting.Progress = { _ in }
  ) throws -> PublishedCounts {
    try check(name: name)
    return try WorkFolder.with(WorkFolder.path(beside: store.path + "/tmp/count", work: work)) {
      let runs = try RunSet(paths: paths, work: $0)
      try runs.checkComplete()
      return try publish(runs, as: name, progress: progress)
    }
  }

  /// Merges run files into one.
  public static func merge(
    runs paths: [String], to path: String, work: String? = nil,
    progress: @escaping NgramCounting.Progress = { _ in }
  ) throws {
    try WorkFolder.with(WorkFolder.path(beside: path, work: work)) { folder in
      let runs = try RunSet(paths: paths, work: folder)
      try runs.write(
        to: path, ticker: ProgressTicker(.merging, total: runs.entries, report: progress))
    }
  }

  /// Throws where counts cannot have this name.
  func check(name: String) throws(CountError) {
    guard VersionedName.isName(name) else { throw .badName(name) }
  }

  func publish(
    _ runs: RunSet, as name: String, progress: @escaping NgramCounting.Progress
  ) throws -> PublishedCounts {
    let subject = runs.header.subject
    for order in subject.orders.range
    where !runs.runs.contains(where: { $0.section(order: order) != nil }) {
      throw CountError.nothingOfOrder(dataset: subject.dataset.title, order: order)
    }
    let version = try store.nextVersion(ofCounts: name)
    let id = Store.newIdentifier()
    let folder = try store.createTemporaryFolder(id)
    do {
      try checkSpace(for: runs)
      var manifest = CountsManifest(
        format: CountsManifest.formatVersion, name: name, version: version, subject: subject,
        orders: [], salt: CountsManifest.salt(name: name, version: version), content: "",
        identity: "")
      let ticker = ProgressTicker(.merging, total: runs.entries, report: progress)
      manifest.orders = try writeOrders(runs, salt: manifest.saltChecksum, folder, ticker)
      manifest.content = OrderTotals.content(of: manifest.orders)
      manifest.identity = try manifest.computedIdentity()
      try ticker.check()
      let checksums = try complete(folder, manifest: manifest, progress: progress)
      let counts = PublishedCounts(
        name: name, version: version, id: id, identity: manifest.identity, checksums: checksums,
        published: ISO8601DateFormatter().string(from: Date()))
      try ticker.check()
      try store.publish(
        folders: [(id, folder)],
        edits: [
          .init(PublishedCounts.key(name: name, version: version), counts.record(), in: .tables),
          .init(
            PublishedCounts.counterKey(name: name), Array(String(version).utf8), in: .tables),
        ])
      return counts
    } catch {
      try? DurableFile.remove(folder)
      throw error
    }
  }

  private static func file(_ folder: String, _ order: Int) -> String {
    "\(folder)/order-\(order).sst"
  }

  /// Merges all orders, several at a time, each into a sorted table file.
  private func writeOrders(
    _ runs: RunSet, salt: UInt32, _ folder: String, _ ticker: ProgressTicker
  ) throws -> [OrderTotals] {
    // The highest order has the most work: it begins first.
    let orders = Array(runs.header.subject.orders.range.reversed())
    return try Workers.map(orders.count, threads: threads) { index, _ in
      let order = orders[index]
      let writer = try SortedTableWriter(creating: Self.file(folder, order), format: .searchable)
      var written = 0
      let totals = try runs.encode(order: order, ticker: ticker) { header, payload, first in
        let key = CountPage.key(order: order, tokens: first)
        let sum = key.withUnsafeBytes {
          CountPage.checksum(salt: salt, key: $0, payload: payload)
        }
        var value = [UInt8]()
        value.reserveCapacity(payload.count + 4)
        value += payload
        value += sum.littleEndianBytes
        written += value.count
        if written > 16 << 20 {
          try RocksDatabase.requireSpace(at: folder)
          written = 0
        }
        try value.withUnsafeBytes { bytes in
          try writer.put(key: key, value: bytes)
        }
      }
      try writer.finish()
      return totals
    }.reversed()
  }

  /// Loads the files into a database and writes what stands beside it.
  ///
  /// - Returns: SHA-256 of the list of checksums.
  private func complete(
    _ folder: String, manifest: CountsManifest, progress: @escaping NgramCounting.Progress
  ) throws -> String {
    let names = try RocksDatabase.bulkLoad(
      manifest.orders.map { Self.file(folder, $0.order) }, into: folder + "/db"
    ).names
    try DurableFile.write(
      String(decoding: try manifest.canonicalJSON(), as: UTF8.self), to: folder + "/manifest.json")
    let files = ["manifest.json"] + names.map { "db/" + $0 }
    let total = files.reduce(0) { $0 + (DurableFile.size(of: "\(folder)/\($1)") ?? 0) }
    let ticker = ProgressTicker(.checking, total: total, report: progress)
    let checksums = try FileChecksums(folder: folder, names: files) {
      try ticker.advance(by: FileChecksums.chunkBytes)
    }.canonicalJSON()
    try checksums.withUnsafeBytes { try DurableFile.write($0, to: folder + "/checksums") }
    return checksums.withUnsafeBytes { SHA256Digest(of: $0) }.description
  }

  /// Merging makes nothing larger, but blocks are padded to pages of the disk.
  private func checkSpace(for runs: RunSet) throws {
    let needed = runs.bytes / 16 * 17 + runs.header.subject.orders.range.count << 16
    var status = statvfs()
    guard statvfs(store.path, &status) == 0 else { throw FileError("stat", store.path) }
    let free = Int(clamping: status.f_bavail) * Int(clamping: status.f_frsize)
    guard free - RocksDatabase.reservedBytes >= needed else {
      throw CountError.diskFull(path: store.path, needed: needed, free: free)
    }
  }
}
