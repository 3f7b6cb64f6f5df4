/// Which file of a repository imports which.
struct DependencyGraph {
  /// Files that import a file, one file's after another's, and where each file's begin.
  private var dependents: [Int32] = []
  private var starts: [Int]
  /// Files that each file imports: how many are not yet in the order.
  private var degrees: [Int32]
  /// A file of the same connected part, or the file itself: a forest, for union and find.
  private var parents: [Int32]

  /// - Parameter imports: (importing file, imported file), each pair once, by importing file.
  init(count: Int, imports: [(from: Int32, to: Int32)]) {
    starts = [Int](repeating: 0, count: count + 1)
    degrees = [Int32](repeating: 0, count: count)
    parents = (0..<count).map { Int32($0) }
    for edge in imports {
      starts[Int(edge.to) + 1] += 1
      degrees[Int(edge.from)] += 1
    }
    for file in 0..<count { starts[file + 1] += starts[file] }
    var next = starts
    dependents = [Int32](repeating: 0, count: imports.count)
    for edge in imports {
      dependents[next[Int(edge.to)]] = edge.from
      next[Int(edge.to)] += 1
      unite(edge.from, edge.to)
    }
  }

  /// The files, connected parts one after another by their first file; within each, again and again
  /// the file of which the fewest imports are still missing, the first of several. Without cycles a
  /// file comes after all that it imports; a cycle starts where least is missing.
  ///
  /// Source: D. Guo et al., "DeepSeek-Coder", arXiv 2401.14196, section 2.2, algorithm 1.
  ///
  /// - Complexity: O((files + imports) log files).
  mutating func order() -> [Int] {
    let count = parents.count
    var parts: [[Int32]] = []
    var partOf = [Int32](repeating: -1, count: count)
    for file in 0..<count {
      let root = Int(find(Int32(file)))
      if partOf[root] < 0 {
        partOf[root] = Int32(parts.count)
        parts.append([])
      }
      parts[Int(partOf[root])].append(Int32(file))
    }
    var order: [Int] = []
    order.reserveCapacity(count)
    var isDone = [Bool](repeating: false, count: count)
    for part in parts {
      var waiting = MinimumHeap()
      for file in part { waiting.insert(Int(degrees[Int(file)]) << 32 | Int(file)) }
      while let least = waiting.removeMinimum() {
        let file = least & 0xFFFF_FFFF
        // What was queued with an earlier number of missing imports is stale.
        guard !isDone[file] else { continue }
        isDone[file] = true
        order.append(file)
        for dependent in dependents[starts[file]..<starts[file + 1]] where !isDone[Int(dependent)] {
          degrees[Int(dependent)] -= 1
          waiting.insert(Int(degrees[Int(dependent)]) << 32 | Int(dependent))
        }
      }
    }
    return order
  }

  private mutating func find(_ file: Int32) -> Int32 {
    var file = file
    while parents[Int(file)] != file {
      parents[Int(file)] = parents[Int(parents[Int(file)])]
      file = parents[Int(file)]
    }
    return file
  }

  private mutating func unite(_ left: Int32, _ right: Int32) {
    let (left, right) = (find(left), find(right))
    parents[Int(max(left, right))] = min(left, right)
  }
}
