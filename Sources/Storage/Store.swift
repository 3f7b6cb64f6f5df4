import Files
import Foundation

/// A store: the folder that holds memory tables and whatever else is published, and its catalog.
///
///     let store = try Store(path: "store", mode: .reading)
///
/// One process writes at a time, any number read. Layout (see `Schemas/store.md`): `FORMAT`,
/// `catalog/`, `tables/<id>/`, `chunks/`, `pages/`, `leases/`, `tmp/`, `writer.lock`.
public final class Store: Sendable {
  /// What a store is opened for.
  public enum Mode: Sendable {
    /// Reading what is published. Never waits for a writer.
    case reading
    /// Reading and publishing; creates the store where there is none.
    case writing
  }

  /// The format that this program writes, and the newest it reads.
  public static let formatVersion = 2

  /// The store's folder.
  public let path: String
  /// What is published.
  public let catalog: Catalog
  private let lock: WriterLock?

  /// Opens the store in the folder `path`; for writing, makes it where it is missing or empty.
  ///
  /// A writer first removes what an interrupted one left behind; a reader does so too where no
  /// writer is active.
  ///
  /// - Throws: `StorageError`, `FileError`.
  public init(path: String, mode: Mode) throws {
    self.path = path
    switch mode {
    case .writing:
      let isNew = try Self.prepareFolder(path)
      let found = isNew ? nil : try Self.checkFormat(path)
      lock = try WriterLock(store: path)
      // First of all: what is there may be what fills the disk.
      try Sweep.emptyTemporary(store: path)
      try Self.createFolders(path)
      catalog = try Catalog(path: path + "/catalog", writable: true)
      // The folder becomes a store, or one of this format, only when its catalog is complete.
      if found != Self.formatVersion {
        try DurableFile.write("engram-store \(Self.formatVersion)\n", to: path + "/FORMAT")
      }
      try Sweep.run(store: path, catalog: catalog)
    case .reading:
      let found = try Self.checkFormat(path)
      lock = nil
      // Opening an older store's catalog for writing would make it one of this format.
      if found == Self.formatVersion, try Sweep.isNeeded(store: path),
        let lock = try? WriterLock(store: path)
      {
        // The lock says that no writer is active: what it left can go. Where it cannot, on a
        // full disk for one, reading goes on without.
        withExtendedLifetime(lock) {
          try? Sweep.emptyTemporary(store: path)
          if let catalog = try? Catalog(path: path + "/catalog", writable: true) {
            try? Sweep.run(store: path, catalog: catalog)
          }
        }
      }
      catalog = try Catalog(path: path + "/catalog", writable: false)
    }
  }

  /// The folder that holds a published table version.
  public func tableFolder(_ id: String) -> String { path + "/tables/" + id }

  /// Makes a finished folder under `tmp/` part of the store: flushed, moved to `tables/<id>`,
  /// then named by the catalog together with `edits`, all or nothing.
  ///
  /// - Parameter folders: where each new id's folder lies now; its files are flushed already.
  public func publish(folders: [(id: String, path: String)], edits: [Catalog.Edit]) throws {
    for folder in folders {
      try DurableFile.synchronize(folder: folder.path)
      try DurableFile.rename(folder.path, to: tableFolder(folder.id))
    }
    let names = folders.map { Catalog.Edit(Array($0.id.utf8), [1], in: .folders) }
    try catalog.commit(edits + names)
    // Published now; a mark that cannot be made must not say otherwise.
    for folder in folders { try? Sweep.mark(tableFolder(folder.id)) }
  }

  /// Takes folders out of the store, together with `edits`, all or nothing, and removes them.
  /// Processes that have mapped their files go on reading.
  public func withdraw(folders ids: [String], edits: [Catalog.Edit]) throws {
    for id in ids { try Sweep.unmark(tableFolder(id)) }
    let names = ids.map { Catalog.Edit(Array($0.utf8), nil, in: .folders) }
    try catalog.commit(edits + names)
    for id in ids { try DurableFile.remove(tableFolder(id)) }
  }

  /// A name for a folder that no other folder has: 64 random bits, 16 hexadecimal digits.
  package static func newIdentifier() -> String {
    let text = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  /// Makes a new folder under `tmp/`, for a writer's unfinished work. Whatever is there when
  /// the process ends is garbage.
  public func createTemporaryFolder(_ name: String) throws(FileError) -> String {
    let folder = path + "/tmp/" + name
    try DurableFile.createFolder(folder)
    return folder
  }

  private static let folders = ["tables", "chunks", "pages", "leases"]

  /// Makes the folders of a store where they are missing, durably.
  private static func createFolders(_ path: String) throws(FileError) {
    let missing = folders.map { path + "/" + $0 }.filter { !DurableFile.isFolder($0) }
    guard !missing.isEmpty else { return }
    for folder in missing { try DurableFile.createFolder(folder) }
    try DurableFile.synchronize(folder: path)
  }

  /// Makes what a writer needs before its lock; returns whether it is a new store.
  private static func prepareFolder(_ path: String) throws -> Bool {
    guard DurableFile.size(of: path + "/FORMAT") == nil else { return false }
    try DurableFile.createDurableFolder(path)
    let known = folders + ["catalog", "tmp", "writer.lock"]
    let names = try DurableFile.names(in: path)
    guard names.allSatisfy({ known.contains($0) || $0.hasPrefix("FORMAT.tmp-") }) else {
      throw StorageError.notAStore(path: path)
    }
    try DurableFile.createFolder(path + "/tmp")
    return true
  }

  /// The store's format, one that this program reads.
  private static func checkFormat(_ path: String) throws -> Int {
    guard DurableFile.isFolder(path), DurableFile.size(of: path + "/FORMAT") != nil else {
      throw StorageError.noStore(path: path)
    }
    let text = String(
      decoding: try DurableFile.read(path + "/FORMAT", limit: 4096), as: UTF8.self)
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let version = Int(words[1]), text == "engram-store \(version)\n" else {
      throw StorageError.notAStore(path: path)
    }
    guard version <= formatVersion else {
      throw StorageError.newerFormat(path: path, found: version, supported: formatVersion)
    }
    return version
  }
}
