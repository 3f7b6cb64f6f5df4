/// What can go wrong with a store. Each prints as one line: what, where, what to do.
public enum StorageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no store in this folder.
  case noStore(path: String)
  /// The folder holds something else than a store.
  case notAStore(path: String)
  /// The store was written by a newer program.
  case newerFormat(path: String, found: Int, supported: Int)
  /// Another process writes to the store now.
  case writerIsActive(path: String, processIdentifier: Int32?)
  /// The disk has too little space left to write safely.
  case diskFull(path: String, free: Int, needed: Int)
  /// A file is not as it was published.
  case corruptFile(path: String, reason: String)
  /// RocksDB refused; the text is its own.
  case database(operation: String, path: String, reason: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .noStore(let path):
      "no store at \(path); import a table or ingest a dataset to create one, or name another "
        + "with --store"
    case .notAStore(let path):
      "\(path) is not empty and not a store; choose an empty or a new folder with --store"
    case .newerFormat(let path, let found, let supported):
      "\(path) has format \(found), this program reads up to \(supported); use a newer engram"
    case .writerIsActive(let path, let process):
      "\(path) is being written by process \(process.map(String.init) ?? "unknown")"
        + "; wait until it ends, readers are not affected"
    case .diskFull(let path, let free, let needed):
      "\(path) is on a disk with \(free / 1024) KiB free, writing needs \(needed / 1024) KiB; free "
        + "some space there and run the command again, nothing was lost"
    case .corruptFile(let path, let reason):
      "\(path) is corrupt: \(reason); run engram verify, then make what it belongs to again"
    case .database(let operation, let path, let reason):
      "RocksDB cannot \(operation) \(path): \(reason)"
    }
  }
}
