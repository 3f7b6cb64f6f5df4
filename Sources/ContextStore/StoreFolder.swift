import Files
import Foundation

/// The folder of a context store: `FORMAT`, `writer.lock`, `state.json`, `pins`, `recency`, `segments/`.
enum StoreFolder {
  private static let names: Set<String> = [
    "FORMAT", "writer.lock", "state.json", "pins", "recency", "recency.new", "segments",
  ]

  /// Makes the folder where there is none; refuses one that holds something else.
  static func prepare(_ path: String) throws {
    if DurableFile.size(of: path + "/FORMAT") != nil { return try check(path) }
    try DurableFile.createDurableFolder(path)
    let found = try DurableFile.names(in: path)
    guard found.allSatisfy({ names.contains($0) || $0.contains(".tmp-") }) else {
      throw ContextError.notAStore(path: path)
    }
  }

  /// Makes what is missing; the caller holds the lock.
  static func complete(_ path: String) throws {
    if !DurableFile.isFolder(path + "/segments") {
      try DurableFile.createFolder(path + "/segments")
      try DurableFile.synchronize(folder: path)
    }
    if DurableFile.size(of: path + "/FORMAT") == nil {
      try DurableFile.write("engram-context \(ContextStore.formatVersion)\n", to: path + "/FORMAT")
    }
    for folder in [path, path + "/segments"] {
      for name in try DurableFile.names(in: folder) where name.contains(".tmp-") {
        unlink(folder + "/" + name)
      }
    }
  }

  /// Refuses what is no context store, or a newer one.
  static func check(_ path: String) throws {
    guard DurableFile.isFolder(path), DurableFile.size(of: path + "/FORMAT") != nil else {
      throw ContextError.noStore(path: path)
    }
    let text = String(decoding: try DurableFile.read(path + "/FORMAT", limit: 4096), as: UTF8.self)
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let version = Int(words[1]), text == "engram-context \(version)\n"
    else { throw ContextError.notAStore(path: path) }
    guard version <= ContextStore.formatVersion else {
      throw ContextError.newerFormat(
        path: path, found: version, supported: ContextStore.formatVersion)
    }
  }
}
