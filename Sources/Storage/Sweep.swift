import Files

/// Removes what the catalog does not name.
enum Sweep {
  /// An empty file in a published folder that only makes `isNeeded` cheap: it is written after
  /// the commit, so a folder without it may be one that the catalog does not name.
  private static let mark = "COMMITTED"

  /// Whether an interrupted writer may have left something: work under `tmp/`, or a folder
  /// without the mark. Lists two folders, reads nothing.
  static func isNeeded(store path: String) throws(FileError) -> Bool {
    if try !DurableFile.names(in: path + "/tmp").isEmpty { return true }
    return try DurableFile.names(in: path + "/tables").contains {
      DurableFile.size(of: path + "/tables/" + $0 + "/" + mark) == nil
    }
  }

  /// Removes unfinished work. The caller is the writer and has none.
  static func emptyTemporary(store path: String) throws(FileError) {
    for name in try DurableFile.names(in: path + "/tmp") {
      try DurableFile.remove(path + "/tmp/" + name)
    }
  }

  /// Removes published folders without a name. The caller is the writer.
  static func run(store path: String, catalog: Catalog) throws {
    let named = Set(try catalog.entries(in: .folders).map(\.key))
    for name in try DurableFile.names(in: path + "/tables") {
      let folder = path + "/tables/" + name
      if named.contains(Array(name.utf8)) {
        try? mark(folder)
      } else {
        try DurableFile.remove(folder)
      }
    }
  }

  static func mark(_ folder: String) throws(FileError) {
    guard DurableFile.size(of: folder + "/" + mark) == nil else { return }
    try FileWriter(creating: folder + "/" + mark).finish()
  }

  static func unmark(_ folder: String) throws(FileError) {
    try DurableFile.remove(folder + "/" + mark)
  }
}
