import Files
import Foundation
import Storage

extension Table {
  /// The small files beside the table that say something about its rows' meaning, by name: a
  /// token map, and what else a publisher put there. Headers of source files are not among them:
  /// they describe the bytes of exactly this version.
  ///
  /// - Throws: `TableError.corruptFile` where one is not what was published; `FileError`.
  package func attachments() throws -> [String: [UInt8]] {
    let list = try FileChecksums.read(folder + "/checksums", digest: published.checksums)
    let own = Set(["manifest.json", "pages"] + manifest.source.files.map(\.header))
    var attachments: [String: [UInt8]] = [:]
    for entry in list.files where !entry.name.contains("/") && !own.contains(entry.name) {
      attachments[entry.name] = try bytes(of: entry)
    }
    return attachments
  }

  /// The bytes of a file beside the rows, which are those that were published; `nil` where none of this
  /// name was.
  ///
  /// - Parameter limit: the most bytes that it may have.
  /// - Throws: `StorageError.corruptFile` where the list of checksums is damaged,
  ///   `TableError.corruptFile` where the file is, or is missing; `FileError`.
  /// - Complexity: O(bytes of the file), and of the list: 4 a MiB of the table's.
  package func attachment(_ name: String, limit: Int) throws -> [UInt8]? {
    let list = try FileChecksums.read(folder + "/checksums", digest: published.checksums)
    guard let entry = list.files.first(where: { $0.name == name }) else { return nil }
    guard entry.size <= limit else {
      throw FileError(operation: "read", path: folder + "/" + name, code: EFBIG)
    }
    return try bytes(of: entry)
  }

  private func bytes(of entry: FileChecksums.File) throws -> [UInt8] {
    let path = folder + "/" + entry.name
    guard DurableFile.size(of: path) != nil else {
      throw TableError.corruptFile(path: path, reason: "it is missing")
    }
    let file = try MappedFile(path: path)
    let sums = stride(from: 0, to: file.count, by: FileChecksums.chunkBytes).map {
      FileChecksums.sum(of: file, chunk: $0)
    }
    guard file.count == entry.size, sums == entry.crc32c else {
      throw TableError.corruptFile(path: path, reason: "it is not what was published")
    }
    return withExtendedLifetime(file) { Array(file.bytes) }
  }
}
