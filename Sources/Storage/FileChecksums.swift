import CKernels
import Digests
import Files
import Foundation

/// CRC32C of every MiB of every file of a version: the file `checksums`, canonical JSON. With it
/// a flipped bit is found in any file, whatever the file is for, and placed within a MiB.
package struct FileChecksums: Codable, Sendable {
  /// Bytes that one sum covers.
  package static let chunkBytes = 1 << 20
  static let formatVersion = 1

  /// A file and its sums.
  package struct File: Codable, Sendable {
    /// Its path in the version's folder.
    package var name: String
    /// Bytes.
    package var size: Int
    /// CRC32C of each MiB; the last may be shorter.
    package var crc32c: [UInt32]

    /// The sums of a file as it is now.
    ///
    /// - Parameter step: called after each MiB; may throw to stop.
    package init(summing path: String, name: String, step: () throws -> Void) throws {
      let file = try MappedFile(path: path, access: .sequential)
      self.name = name
      size = file.count
      crc32c = try stride(from: 0, to: file.count, by: FileChecksums.chunkBytes).map {
        try step()
        return FileChecksums.sum(of: file, chunk: $0)
      }
    }
  }

  var format: Int
  var chunkBytes: Int
  /// All files of the version but this list itself.
  package var files: [File]

  /// The sums of these files as they are now, but for those that are known already.
  ///
  /// - Parameter step: called after each MiB; may throw to stop.
  package init(
    folder: String, names: [String], known: [String: File] = [:], step: () throws -> Void
  ) throws {
    format = Self.formatVersion
    chunkBytes = Self.chunkBytes
    files = []
    for name in names {
      if let file = known[name] {
        files.append(file)
      } else {
        files.append(try File(summing: folder + "/" + name, name: name, step: step))
      }
    }
  }

  /// CRC32C of the MiB that begins at byte `start`.
  package static func sum(of file: MappedFile, chunk start: Int) -> UInt32 {
    let end = min(file.count, start + chunkBytes)
    defer { file.release(start..<end) }
    return withExtendedLifetime(file) {
      engram_crc32c(0, file.bytes.baseAddress! + start, end - start)
    }
  }

  /// The list as it is stored.
  package func canonicalJSON() throws -> [UInt8] {
    try CanonicalJSON.encode(self)
  }

  /// Reads a list and checks it against the digest that the catalog holds.
  ///
  /// - Throws: `StorageError.corruptFile`, `FileError`.
  package static func read(_ path: String, digest: String) throws -> FileChecksums {
    let bytes = try DurableFile.read(path, limit: 1 << 30)
    guard bytes.withUnsafeBytes({ SHA256Digest(of: $0) }).description == digest else {
      throw StorageError.corruptFile(path: path, reason: "its SHA-256 is not the catalog's")
    }
    guard let list = try? JSONDecoder().decode(FileChecksums.self, from: Data(bytes)),
      list.chunkBytes == chunkBytes
    else { throw StorageError.corruptFile(path: path, reason: "it is no list of checksums") }
    return list
  }
}

extension FileChecksums {
  /// Reads every listed file and compares it with its size and its checksums.
  ///
  /// - Parameter report: called with a file's name and one line for each thing that is wrong.
  /// - Parameter advance: called with the bytes just read; what it throws ends the reading.
  package func check(
    in folder: String, report: (_ name: String, _ problem: String) -> Void,
    advance: (Int) throws -> Void
  ) throws {
    for expected in files {
      let path = folder + "/" + expected.name
      let file: MappedFile
      do {
        file = try MappedFile(path: path, access: .sequential)
      } catch {
        report(expected.name, "\(error)")
        continue
      }
      if file.count != expected.size {
        report(expected.name, "\(path) has \(file.count) bytes, \(expected.size) were published")
      }
      for (index, sum) in expected.crc32c.enumerated() {
        let start = index * Self.chunkBytes
        guard start < file.count else { break }
        let end = min(file.count, start + Self.chunkBytes)
        if Self.sum(of: file, chunk: start) != sum {
          report(
            expected.name, "\(path) has changed between bytes \(start) and \(end - 1)")
        }
        try advance(end - start)
      }
    }
  }
}
