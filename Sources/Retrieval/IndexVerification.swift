import Files
import Foundation
import PassageIndex
import Storage

/// What a check of an index found.
public struct IndexVerification: Sendable {
  /// Bytes of files read.
  public private(set) var bytes = 0
  /// Postings that were decoded.
  public private(set) var postings = 0
  /// One line for each thing that is wrong; empty where all is well.
  public private(set) var problems: [String] = []

  /// Reads every byte of an index's folders and compares it with what was published, then decodes
  /// every list. It opens nothing that it has not checked first.
  ///
  /// - Throws: what `progress` throws. What is wrong with the index is in the result.
  public init(
    _ index: PublishedIndex, in store: Store,
    progress: @escaping IndexBuilder.Progress = { _ in }
  ) throws {
    var lists: [(folder: String, list: FileChecksums)] = []
    for folder in index.folders {
      let path = store.tableFolder(folder.id)
      do {
        lists.append(
          (path, try FileChecksums.read(path + "/checksums", digest: folder.checksums)))
      } catch {
        problems.append("\(error)")
      }
    }
    let total = lists.reduce(0) { $1.list.files.reduce($0) { $0 + $1.size } }
    let ticker = try ProgressTicker(.checking, total: total, report: progress)
    for (path, list) in lists {
      try list.check(in: path) { _, problem in
        problems.append(problem)
      } advance: { count in
        bytes += count
        try ticker.advance(by: count)
      }
      let known = Set(list.files.map(\.name) + ["checksums", "COMMITTED"])
      for name in (try? DurableFile.names(in: path)) ?? [] where !known.contains(name) {
        problems.append("\(path)/\(name) is no file of this index")
      }
    }
    guard problems.isEmpty else { return }
    do {
      let manifest = try IndexManifest.published(index, in: store)
      for part in manifest.segments {
        let segment = try Segment(folder: store.tableFolder(part.id), id: part.id)
        postings += try segment.checkPostings { _ in try ticker.advance(by: 0) }
      }
    } catch let error as CancellationError {
      throw error
    } catch {
      problems.append("\(error)")
    }
  }
}
