import Datasets
import Foundation
import MemoryTables
import Retrieval
import Serving
import Storage
import Synchronization

/// What a store has published at this moment, and what of it is open. A request takes one handle and
/// keeps it: it is served wholly from one version, whatever is published or dropped meanwhile.
///
/// Handles of versions that were dropped are released at the next `refresh`; files of theirs that a
/// request still reads stay until it ends.
public final class LiveCache: Sendable {
  /// The store's folder.
  public let path: String
  private let live: LiveStore
  private let state: Mutex<State>
  /// One refresh at a time.
  private let refreshing = Mutex<Void>(())

  private struct State {
    /// `nil` when the service has ended.
    var store: Store?
    var seen: CatalogState
    var tables: [String: OpenTable] = [:]
    var datasets: [String: OpenDataset] = [:]
    var indexes: [String: SearchIndex] = [:]
    /// What a reference without a version means now.
    var newestTables: [String: String] = [:]
    var refreshes = 0
  }

  /// Opens the store in the folder `path`.
  ///
  /// - Throws: `StorageError`.
  public init(path: String) throws {
    self.path = path
    live = try LiveStore(path: path)
    let seen = CatalogState(store: path)
    state = Mutex(State(store: try live.now(), seen: seen))
  }

  /// The store as it was at the last refresh.
  ///
  /// - Throws: `ServiceError.stopping` when the service has ended.
  public func store() throws -> Store {
    guard let store = state.withLock({ $0.store }) else { throw ServiceError.stopping }
    return store
  }

  /// Lets go of the store and of all that is open. RocksDB cannot be closed any more once the process
  /// is ending, so this is not left to that.
  public func close() {
    let before = refreshing.withLock { _ in
      state.withLock { state in
        let before = state
        state = State(store: nil, seen: before.seen)
        return before
      }
    }
    _ = consume before
  }

  /// How often something new was seen.
  public var refreshes: Int { state.withLock { $0.refreshes } }

  /// Looks whether the catalog changed, and opens it anew if so; forgets handles of what is gone.
  ///
  /// - Returns: whether it changed.
  /// - Throws: `StorageError`; what was seen before stays then.
  @discardableResult
  public func refresh() throws -> Bool {
    try refreshing.withLock { _ in
      // Taken before the catalog is opened: what changes meanwhile is seen next time.
      let seen = CatalogState(store: path)
      guard seen != state.withLock({ $0.seen }) else { return false }
      let store = try live.now()
      let tables = Set(try store.publishedTables().map(\.identity))
      let datasets = Set(try store.datasetVersions().map(\.manifest.identity))
      let indexes = Set(try store.publishedIndexes().map(\.identity))
      // Released after the lock is: closing files takes time.
      let before = state.withLock { state in
        let before = state
        state.store = store
        state.seen = seen
        state.newestTables = [:]
        state.refreshes += 1
        state.tables = state.tables.filter { tables.contains($0.value.manifest.identity) }
        state.datasets = state.datasets.filter {
          datasets.contains($0.value.dataset.version.manifest.identity)
        }
        state.indexes = state.indexes.filter { indexes.contains($0.value.published.identity) }
        return before
      }
      _ = consume before
      return true
    }
  }

  /// A table that is open already, without waiting for anything; `nil` where it is not.
  public func openedTable(_ reference: String) -> OpenTable? {
    state.withLock { state in
      state.tables[reference] ?? state.newestTables[reference].flatMap { state.tables[$0] }
    }
  }

  /// The table version that `name` or `name@version` names, opened at most once.
  ///
  /// - Throws: as `OpenTable(_:in:)`. May wait for the disk.
  public func table(_ reference: String) throws -> OpenTable {
    if let table = openedTable(reference) { return table }
    let parsed = try TableReference(parsing: reference)
    let store = try store()
    let published = try store.publishedTable(parsed)
    let title = "\(published.name)@\(published.version)"
    let opened = try openedTable(title) ?? OpenTable(title, in: store)
    return state.withLock { state in
      // Somebody may have been faster; and what is gone by now is not kept.
      guard state.store === store else { return opened }
      let table = state.tables[title] ?? opened
      state.tables[title] = table
      if parsed.version == nil { state.newestTables[reference] = title }
      return table
    }
  }

  /// The dataset version that `name` or `name@version` names, opened at most once.
  ///
  /// - Throws: as `OpenDataset(_:in:)`. May wait for the disk.
  public func dataset(_ reference: String) throws -> OpenDataset {
    let parsed = try DatasetReference(parsing: reference)
    if parsed.version != nil, let open = state.withLock({ $0.datasets[reference] }) { return open }
    let store = try store()
    let opened = try OpenDataset(reference, in: store)
    return state.withLock { state in
      guard state.store === store else { return opened }
      let dataset = state.datasets[opened.title] ?? opened
      state.datasets[opened.title] = dataset
      return dataset
    }
  }

  /// The index that `name` or `name@version` names, opened at most once.
  ///
  /// - Throws: as `SearchIndex(_:in:)`. May wait for the disk.
  public func index(_ reference: String) throws -> SearchIndex {
    let store = try store()
    let published = try store.publishedIndex(DatasetReference(parsing: reference))
    if let open = state.withLock({ $0.indexes[published.title] }) { return open }
    let opened = try SearchIndex(published, in: store)
    return state.withLock { state in
      guard state.store === store else { return opened }
      let index = state.indexes[published.title] ?? opened
      state.indexes[published.title] = index
      return index
    }
  }
}

/// The catalog's files, as a folder shows them: any commit changes them.
struct CatalogState: Equatable {
  private struct Entry: Equatable {
    var name: String
    var size: Int64
    var seconds: Int
    var nanoseconds: Int
  }

  private var entries: [Entry] = []

  init(store: String) {
    let folder = store + "/catalog"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names.sorted() where name != "LOCK" && !name.hasPrefix("LOG") {
      var status = stat()
      guard stat(folder + "/" + name, &status) == 0 else { continue }
      entries.append(
        Entry(
          name: name, size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
          nanoseconds: status.st_mtim.tv_nsec))
    }
  }
}
