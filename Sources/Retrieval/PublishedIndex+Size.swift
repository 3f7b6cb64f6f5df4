import Files
import Storage

extension PublishedIndex {
  /// Bytes of the files of all folders, shared ones included.
  public func bytes(in store: Store) throws -> Int {
    try folders.reduce(0) { total, folder in
      let path = store.tableFolder(folder.id)
      return try DurableFile.names(in: path).reduce(total) {
        $0 + (DurableFile.size(of: path + "/" + $1) ?? 0)
      }
    }
  }
}
