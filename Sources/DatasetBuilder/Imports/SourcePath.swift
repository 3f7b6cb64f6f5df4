/// A file's path by its components, and paths that are meant from there.
struct SourcePath: Hashable, Sendable {
  /// The folders that lead to the file.
  let folders: [String]
  let name: String

  /// `nil` where the path names no file. Empty components and `.` are left out.
  init?(_ path: String) {
    let components = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
      .filter { $0 != "." }
    guard let name = components.last, name != ".." else { return nil }
    folders = Array(components.dropLast())
    self.name = name
  }

  /// A path of one component, whatever that is.
  init(name: String) {
    folders = []
    self.name = name
  }

  /// What follows the name's last dot, in lower case; empty without one.
  var pathExtension: String {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return "" }
    return name[name.utf8.index(after: dot)...].lowercased()
  }

  /// The name up to its last dot.
  var stem: String {
    name.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(name[..<$0]) } ?? name
  }

  var path: String { (folders + [name]).joined(separator: "/") }

  /// The path that `relative` is from the file's folder; `nil` where it leads out of everything.
  func resolve(_ relative: String) -> String? { Self.resolve(relative, in: folders) }

  /// The path that `relative` is from `folders`; `nil` where it leads out of everything.
  static func resolve(_ relative: String, in folders: [String]) -> String? {
    guard relative.utf8.count <= 4_096 else { return nil }
    var components = folders
    for component in relative.utf8.split(separator: UInt8(ascii: "/")) {
      switch String(Substring(component)) {
      case ".": break
      case "..": if components.popLast() == nil { return nil }
      case let name: components.append(name)
      }
    }
    return components.isEmpty ? nil : components.joined(separator: "/")
  }
}
