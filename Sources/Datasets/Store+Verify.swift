import ChunkStore
import Digests
import Foundation
import Samples
import Storage
import Synchronization

/// What a check of dataset versions found.
public struct DatasetVerification: Sendable {
  /// Versions looked at.
  public var versions = 0
  /// Chunks read whole, each once.
  public var chunks = 0
  /// Bytes of their files.
  public var bytes = 0
  /// What is wrong, a line each; empty where nothing is.
  public var findings: [String] = []
}

extension Store {
  /// Reads every byte of dataset versions: pages against their names, each chunk's file against its
  /// name, its blocks and samples against their checksums and digests.
  ///
  /// - Parameter progress: called with bytes done and in all, from one thread at a time; what it
  ///   throws ends the check.
  /// - Complexity: one pass over every distinct chunk, at the speed of SHA-256, on all threads.
  public func verify(
    _ versions: [DatasetVersion],
    threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    progress: @Sendable (Int, Int) throws -> Void = { _, _ in }
  ) throws -> DatasetVerification {
    var result = DatasetVerification()
    result.versions = versions.count
    var known: [ChunkKey: (chunk: SealedChunk, manifest: DatasetManifest)] = [:]
    var pagesSeen: Set<String> = []
    for version in versions {
      guard let dataset = try open(version, &result) else { continue }
      for (index, reference) in version.manifest.pages.enumerated()
      where pagesSeen.insert(reference.name).inserted {
        do {
          for extent in try dataset.page(index).extents {
            known[ChunkKey(extent.chunk.name)] = (
              extent.chunk, version.manifest
            )
          }
          // Reading stops where the page ends; its file has nothing behind that.
          if let name = SHA256Digest(hexadecimal: reference.name),
            let file = try manifestPages.map(name),
            withExtendedLifetime(file, { SHA256Digest(of: file.bytes) }) != name
          {
            result.findings.append(
              "\(version.title): \(manifestPages.place(of: name)) has bytes that are not those of its "
                + "name; restore it from a copy")
          }
        } catch {
          result.findings.append("\(version.title): \(error)")
        }
      }
    }
    let work = known.values.sorted { $0.chunk.name.description < $1.chunk.name.description }
    let total = work.reduce(0) { $0 + $1.chunk.fileBytes }
    let done = Mutex(0)
    let backend = chunks
    let findings = try Workers.map(work.count, threads: threads) { number, _ -> String? in
      let item = work[number]
      var finding: String?
      do {
        try Self.verify(item.chunk, of: item.manifest, in: backend)
      } catch {
        finding = "\(item.manifest.name)@\(item.manifest.version): \(error)"
      }
      try done.withLock { done in
        done += item.chunk.fileBytes
        try progress(done, total)
      }
      return finding
    }
    result.findings += findings.compactMap { $0 }
    result.chunks = work.count
    result.bytes = total
    return result
  }

  private func open(
    _ version: DatasetVersion, _ result: inout DatasetVerification
  ) throws -> Dataset? {
    do {
      return try Dataset(version, in: self)
    } catch DatasetError.dropped {
      // Between the listing and now, by another process: neither damage nor an error. A lease
      // that is gone while the version is published is damage.
      let isPublished = try Store(path: path, mode: .reading).datasetVersions().contains(version)
      if isPublished {
        result.findings.append(
          "\(version.title): its lease file is missing; restore it from a copy")
      } else {
        result.versions -= 1
      }
      return nil
    }
  }

  /// Reads a chunk whole and checks all of it.
  static func verify(
    _ sealed: SealedChunk, of manifest: DatasetManifest, in backend: any ChunkBackend
  ) throws {
    let place = backend.place(of: sealed.name)
    let chunk = try Chunk(sealed, in: backend)
    let digest: SHA256Digest
    if let mapped = try backend.map(sealed.name) {
      digest = withExtendedLifetime(mapped) { SHA256Digest(of: mapped.bytes) }
    } else {
      digest = try backend.get(sealed.name, range: 0..<sealed.fileBytes).withUnsafeBytes {
        SHA256Digest(of: $0)
      }
    }
    guard digest == sealed.name else {
      // Say where, if a block tells.
      try forEachSample(of: chunk) { _, _ in }
      throw ChunkError.corruptChunk(place: place, reason: "its bytes are not those of its name")
    }
    try forEachSample(of: chunk) { index, bytes in
      guard SampleDigest.of(bytes) == chunk.digests[index] else {
        throw ChunkError.corruptChunk(
          place: place, reason: "sample \(index) does not have the digest in its table")
      }
      switch manifest.kind {
      case .document: _ = try DocumentSample(bytes)
      case .tokens: _ = try manifest.tokens?.parts(of: bytes)
      case .bytes: break
      }
    }
  }

  private static func forEachSample(
    of chunk: Chunk, _ body: (Int, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let decoder = BlockDecoder()
    for index in 0..<chunk.samples {
      try decoder.withBytes(chunk.rawRange(of: index), of: chunk) { try body(index, $0) }
    }
  }
}
