import Files

/// The files that a pattern names, where the shell did not expand it.
struct PathGlob {
  /// The folder that the pattern starts from: the names before the first that is a pattern.
  let root: SystemPath
  private let pattern: PathPattern
  private let depth: Int?
  private let showsHidden: Bool

  init(_ text: String) {
    let names = text.split(separator: "/", omittingEmptySubsequences: false)
    let first = names.firstIndex { PathPattern.isPattern(String($0)) } ?? names.count
    let folder = names[..<first].joined(separator: "/")
    root = SystemPath(folder.isEmpty && first > 0 ? "/" : folder)
    let rest = names[first...].filter { !$0.isEmpty }
    pattern = PathPattern(rest.joined(separator: "/"))
    depth = rest.contains { $0.contains("**") } ? nil : rest.count
    showsHidden = rest.contains { $0.hasPrefix(".") }
  }

  /// What fits, by the path below `root`, sorted by bytes. Links to folders are not gone through
  /// by `**`; a folder that cannot be listed has no files.
  func matches() -> [(path: SystemPath, name: String)] {
    var found: [(path: SystemPath, name: String)] = []
    search(root, name: "", level: 1, &found)
    return found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private func search(
    _ folder: SystemPath, name: String, level: Int,
    _ found: inout [(path: SystemPath, name: String)]
  ) {
    guard level <= depth ?? 512, let names = try? folder.names() else { return }
    for next in names where showsHidden || next.first != UInt8(ascii: ".") {
      let path = folder.appending(next)
      let below = (name.isEmpty ? "" : name + "/") + String(decoding: next, as: UTF8.self)
      if pattern.fitsWhole(below) { found.append((path, below)) }
      guard let status = try? path.status(following: depth != nil), status.isFolder else {
        continue
      }
      search(path, name: below, level: level + 1, &found)
    }
  }
}
