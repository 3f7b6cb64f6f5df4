import Datasets
import Foundation
import Storage
import StrictJSON

extension DependencyOrder {
  /// The sample numbers of a dataset of source files, in dependency order. A document's place in
  /// its tree is its metadata's `path`, else its `id`.
  ///
  /// - Parameter repositoryDepth: how many folders of a path name a repository.
  /// - Throws: what reading the samples throws.
  /// - Complexity: every document is read once, on all threads.
  static func order(
    of documents: Dataset, repositoryDepth: Int, threads: Int
  ) throws -> [Int] {
    let stretch = 1024
    let found = try Workers.map((documents.count + stretch - 1) / stretch, threads: threads) {
      number, _ in
      let reader = SampleReader(documents)
      let first = number * stretch
      return try (first..<min(first + stretch, documents.count)).map { sample in
        try reader.withDocument(sample) { text, metadata in
          let path = Self.path(in: metadata) ?? "\(sample)"
          return (path: path, imports: Import.all(of: text, path: path))
        }
      }
    }
    var order = DependencyOrder(repositoryDepth: repositoryDepth)
    for file in found.joined() { order.add(path: file.path, imports: file.imports) }
    return order.permutation()
  }

  private static func path(in metadata: UnsafeRawBufferPointer) -> String? {
    guard let members = try? JSONDocument(Array(metadata)).root.members else { return nil }
    var id: String?
    for (name, value) in members {
      if name.elementsEqual("path".utf8), let path = value.text { return path }
      if name.elementsEqual("id".utf8) { id = value.text }
    }
    return id
  }
}
