/// The files of source trees in the order in which code models are trained on them: what a file
/// imports comes before it, files that have to do with each other stand together.
///
///     var order = DependencyOrder()
///     for file in files { order.add(path: file.path, text: file.bytes) }
///     for index in order.permutation() { train(on: files[index]) }
///
/// Each text is looked at once, when it is added, and only its imports are kept. The order follows
/// from paths and imports; in what order the files are added does not matter. Repositories come in the
/// order of their names' bytes; how files are ordered within one is at `DependencyGraph.order`.
public struct DependencyOrder: Sendable {
  /// How many folders lead to a repository.
  public let repositoryDepth: Int
  private var paths: [SourcePath] = []
  private var imports: [[Import]] = []

  /// An order of no files yet.
  ///
  /// - Parameter repositoryDepth: how many folders name a repository: 1 for `repository/file`, 2 for
  ///   `owner/repository/file`, 0 where all files are of one.
  public init(repositoryDepth: Int = 1) { self.repositoryDepth = max(0, repositoryDepth) }

  /// How many files were added.
  public var count: Int { paths.count }

  /// Adds a file; its index is how many were added before.
  ///
  /// - Parameter path: with `/` between its components; its extension names the language.
  /// - Parameter text: any bytes.
  public mutating func add(path: String, text: UnsafeRawBufferPointer) {
    add(path: path, imports: Import.all(of: text, path: path))
  }

  /// Adds a file whose imports were found before, perhaps on another thread, by `Import.all`.
  public mutating func add(path: String, imports: [Import]) {
    // A path that names no file stands for itself and imports nothing.
    let source = SourcePath(path)
    paths.append(source ?? SourcePath(name: path))
    self.imports.append(source == nil ? [] : imports)
  }

  /// The indices of all files, each once, in dependency order.
  ///
  /// - Complexity: O((files + imports) log files).
  public func permutation() -> [Int] {
    let names = paths.map { Array($0.path.utf8) }
    let sorted = names.indices.sorted { left, right in
      let (first, second) = (names[left], names[right])
      return first == second ? left < right : first.lexicographicallyPrecedes(second)
    }
    var repositories: [[Int]] = []
    var numbers: [[String]: Int] = [:]
    for index in sorted {
      let name = Array(paths[index].folders.prefix(repositoryDepth))
      let number = numbers[name] ?? repositories.count
      if number == repositories.count {
        numbers[name] = number
        repositories.append([])
      }
      repositories[number].append(index)
    }
    return repositories.flatMap { order(ofRepository: $0) }
  }

  /// - Parameter files: indices, by path.
  private func order(ofRepository files: [Int]) -> [Int] {
    let index = ImportIndex(
      paths: files.map { paths[$0] }, depth: repositoryDepth,
      imports: files.lazy.flatMap { imports[$0] })
    var edges: [(from: Int32, to: Int32)] = []
    for (file, number) in files.enumerated() {
      var imported = Set<Int>()
      for each in imports[number] { imported.formUnion(index.files(meantBy: each, of: file)) }
      imported.remove(file)
      for other in imported.sorted() { edges.append((Int32(file), Int32(other))) }
    }
    var graph = DependencyGraph(count: files.count, imports: edges)
    return graph.order().map { files[$0] }
  }
}
