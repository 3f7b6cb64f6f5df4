/// Finds the files of one repository that imports mean.
///
/// - Complexity: memory for the repository's paths and for what its imports ask for; an import costs
///   a look-up for each place that it may mean, and a binary search among files of like endings.
struct ImportIndex {
  /// In the order of their bytes; a file is its number in here.
  private let paths: [SourcePath]
  /// How many folders lead to the repository.
  private let depth: Int
  private var files: [String: Int] = [:]
  /// For each ending of a path that an import asks for, the files that have it, rising.
  private var suffixes: [String: [Int]] = [:]
  /// For each ending of a folder's path that an import asks for, the first Go files of such folders.
  private var packages: [String: [Int]] = [:]
  /// The Go files of a folder, by its first one.
  private var packageFiles: [Int: [Int]] = [:]

  /// Components of a path's end that are looked at.
  private static let longestSuffix = 32
  /// Files of a package that a file which imports it comes after.
  private static let packageLimit = 16

  init(paths: [SourcePath], depth: Int, imports: some Sequence<Import>) {
    self.paths = paths
    self.depth = depth
    for imported in imports { ask(for: imported) }
    var folders: [String: Int] = [:]
    for (file, path) in paths.enumerated() {
      if files[path.path] == nil { files[path.path] = file }
      Self.forEachSuffix(of: path.folders + [path.name]) { suffixes[$0]?.append(file) }
      if path.pathExtension == "go", !path.name.hasSuffix("_test.go") {
        let folder = path.folders.joined(separator: "/")
        if let first = folders[folder] {
          if packageFiles[first, default: []].count < Self.packageLimit {
            packageFiles[first, default: []].append(file)
          }
        } else {
          folders[folder] = file
          packageFiles[file] = [file]
          Self.forEachSuffix(of: path.folders) { suffix in
            let isName = !suffix.utf8.contains(UInt8(ascii: "/"))
            if !isName || path.folders.count <= depth + 1 { packages[suffix]?.append(file) }
          }
        }
      }
    }
  }

  /// The files that an import of `file` means; none where it is not of this repository.
  func files(meantBy imported: Import, of file: Int) -> [Int] {
    for place in imported.places {
      switch place {
      case .path(let path, let ending):
        for ending in ending.all {
          if let found = files[path + ending] { return [found] }
        }
      case .suffix(let path, let ending):
        for ending in ending.all {
          if let all = suffixes[path + ending], let found = nearest(to: file, of: all) {
            return [found]
          }
        }
      case .goPackage(let path):
        if let found = package(path, from: file) { return packageFiles[found] ?? [] }
      }
    }
    return []
  }

  private mutating func ask(for imported: Import) {
    for place in imported.places {
      switch place {
      case .path: break
      case .suffix(let path, let ending):
        for ending in ending.all { suffixes[path + ending] = [] }
      case .goPackage(let path):
        Self.forEachSuffix(of: Self.components(path)) { packages[$0] = [] }
      }
    }
  }

  /// The first file of the folder that the longest end of an import path names. One name alone means
  /// a folder at the top of the repository, or the repository itself: `fmt` is the language's own.
  private func package(_ path: String, from file: Int) -> Int? {
    let components = Self.components(path)
    guard components.count > 1 else { return nil }
    var found: Int?
    Self.forEachSuffix(of: components) { suffix in
      guard found == nil, let all = packages[suffix] else { return }
      found = nearest(to: file, of: all)
    }
    return found
  }

  /// The file of `all`, which rise, that has the most folders in common with `file`: one of those
  /// that stand next to it in the order of paths. The first of two.
  private func nearest(to file: Int, of all: [Int]) -> Int? {
    var low = 0
    var high = all.count
    while low < high {
      let middle = low + (high - low) / 2
      if all[middle] < file { low = middle + 1 } else { high = middle }
    }
    // A file does not mean itself, unless nothing else fits.
    let after = low < all.count && all[low] == file ? low + 1 : low
    let near = [low - 1, after].filter(all.indices.contains).map { all[$0] }
    guard let first = near.first else { return all.first }
    guard let second = near.dropFirst().first else { return first }
    return shared(second, file) > shared(first, file) ? second : first
  }

  private func shared(_ left: Int, _ right: Int) -> Int {
    zip(paths[left].folders, paths[right].folders).prefix { $0 == $1 }.count
  }

  private static func components(_ path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
  }

  /// Calls `body` with the ends of a path, the longest first.
  private static func forEachSuffix(of components: [String], _ body: (String) -> Void) {
    for count in stride(from: min(components.count, longestSuffix), through: 1, by: -1) {
      body(components.suffix(count).joined(separator: "/"))
    }
  }
}
