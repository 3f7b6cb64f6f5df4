import ChunkStore
import Digests
import Files
import SeededRandom
import Synchronization
import TestCheckpoints

/// Objects in memory, read by ranges as from an object store.
final class MemoryChunks: ChunkBackend {
  private let objects = Mutex<[SHA256Digest: [UInt8]]>([:])

  func putIfAbsent(_ name: SHA256Digest, _ bytes: UnsafeRawBufferPointer) throws -> Bool {
    objects.withLock { objects in
      defer { objects[name] = Array(bytes) }
      return objects[name] == nil
    }
  }

  func get(_ name: SHA256Digest, range: Range<Int>) throws -> [UInt8] {
    guard let object = objects.withLock({ $0[name] }) else {
      throw ChunkError.missing(place: place(of: name))
    }
    guard range.upperBound <= object.count else {
      throw ChunkError.corruptChunk(place: place(of: name), reason: "it ends too early")
    }
    return Array(object[range])
  }

  func list() throws -> [(name: SHA256Digest, bytes: Int)] {
    objects.withLock { $0.map { (name: $0.key, bytes: $0.value.count) } }
  }

  func delete(_ name: SHA256Digest) throws { objects.withLock { $0[name] = nil } }
  func synchronize() throws {}
  func map(_ name: SHA256Digest) throws -> MappedFile? { nil }
  func place(of name: SHA256Digest) -> String { "memory/\(name)" }
}

/// A chunk of known samples.
struct MadeChunk {
  let samples: [[UInt8]]
  let sealed: SealedChunk
  let file: [UInt8]

  init(_ samples: [[UInt8]], codec: ChunkCodec, blockBytes: Int = 4096) throws {
    self.samples = samples
    let builder = ChunkBuilder(codec: codec, blockBytes: blockBytes)
    for sample in samples {
      _ = try sample.withUnsafeBytes { try builder.append($0, digest: SampleDigest.of($0)) }
    }
    sealed = builder.seal()
    file = builder.withFile { Array($0) }
  }

  /// Reads all samples of a file that is said to be this chunk.
  func read(_ file: [UInt8], as claimed: SealedChunk? = nil) throws -> [[UInt8]] {
    let backend = MemoryChunks()
    let claimed = claimed ?? sealed
    _ = try file.withUnsafeBytes { try backend.putIfAbsent(claimed.name, $0) }
    return try readAll(Chunk(claimed, in: backend))
  }
}

/// All samples of a chunk, by one decoder.
func readAll(_ chunk: Chunk) throws -> [[UInt8]] {
  let decoder = BlockDecoder()
  return try (0..<chunk.samples).map { index in
    try decoder.withBytes(chunk.rawRange(of: index), of: chunk) { Array($0) }
  }
}

extension SeededGenerator {
  /// So many bytes that LZ4 makes much smaller.
  mutating func compressible(_ count: Int) -> [UInt8] {
    let word = bytes(11)
    var output: [UInt8] = []
    output.reserveCapacity(count + 20)
    while output.count < count {
      output += word
      output.append(UInt8.random(in: 0...255, using: &self))
    }
    return Array(output.prefix(count))
  }
}
