import Files
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
      let file = try checked(entry)
      attachments[entry.name] = withExtendedLifetime(file) { Array(file.bytes) }
    }
    return attachments
  }

  /// A file beside the rows whose bytes are those that were published; `nil` where none of this name
  /// was.
  ///
  /// - Throws: `StorageError.corruptFile` where the list of checksums is damaged,
  ///   `TableError.corruptFile` where the file is, or is missing; `FileError`.
  /// - Complexity: O(bytes of the file), and of the list: 4 a MiB of the table's.
  package func attachment(_ name: String) throws -> MappedFile? {
    let list = try FileChecksums.read(folder + "/checksums", digest: published.checksums)
    return try list.files.first { $0.name == name }.map(checked)
  }

  private func checked(_ entry: FileChecksums.File) throws -> MappedFile {
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
    return file
  }
}
