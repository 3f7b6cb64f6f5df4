import ChunkStore
import Digests
import Foundation
import SeededRandom
import TestCheckpoints
import Testing

/// Chunks whose checksums match and whose numbers lie: an error, no trap, no memory taken.
@Suite struct HostileChunkTests {
  private let made: MadeChunk
  private static let extremes: [UInt32] = [
    0, 1, 2, 7, 4095, 4096, 16 << 20, 32 << 20, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
  ]

  init() throws {
    var random = SeededGenerator(seed: 1)
    made = try MadeChunk([6000, 10, 0, 3000].map { random.compressible($0) }, codec: .lz4)
  }

  private func put(_ number: UInt32, at offset: Int, in file: inout [UInt8]) {
    for index in 0..<4 { file[offset + index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
  }

  /// Reads the file as a manifest describes it that lies in the same way, from memory, a mapping
  /// and a folder. Whoever opens it reads what the tables say, or gets an error of one line.
  private func isHarmless(_ file: [UInt8], fileBytes: Int? = nil) throws {
    let scratch = try ScratchFolder()
    var (file, claimed) = resealed(file, made.sealed)
    if let fileBytes { claimed.fileBytes = fileBytes }
    let folder = LocalChunks(folder: scratch("chunks"), temporary: scratch.path)
    let memory = MemoryChunks()
    for backend in [memory, folder] as [any ChunkBackend] {
      _ = try file.withUnsafeBytes { try backend.putIfAbsent(claimed.name, $0) }
      for isMapped in [true, false] {
        do {
          let chunk = try Chunk(claimed, in: backend, isMapped: isMapped)
          #expect(chunk.samples < 100)
          _ = try readAll(chunk)
        } catch let error as ChunkError {
          #expect(!"\(error)".contains("\n"))
        }
      }
    }
  }

  @Test func extremeHeaderWordsAreHarmless() throws {
    for offset in stride(from: 8, to: 48, by: 4) {
      for extreme in Self.extremes {
        var file = made.file
        put(extreme, at: offset, in: &file)
        try isHarmless(file)
        try isHarmless(file, fileBytes: 1 << 40)
      }
    }
  }

  @Test func extremeTableWordsAreHarmless() throws {
    let tables = PlainChunk(made.file).dataStart
    for offset in stride(from: 48, to: tables, by: 4) {
      for extreme in Self.extremes {
        var file = made.file
        put(extreme, at: offset, in: &file)
        try isHarmless(file)
      }
    }
  }

  /// Random bytes in the blocks, with the checksums that match them: LZ4 is given anything.
  @Test func anyBytesAsABlockAreHarmless() throws {
    let plain = PlainChunk(made.file)
    var random = SeededGenerator(seed: 2)
    var refused = 0
    for _ in 0..<2000 {
      var file = made.file
      let block = Int.random(in: 0..<plain.storedBytes.count, using: &random)
      let start = plain.dataStart + plain.storedBytes[..<block].reduce(0, +)
      let count = plain.storedBytes[block]
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        file[start + Int.random(in: 0..<min(count, 64), using: &random)] =
          UInt8.random(in: 0...255, using: &random)
      }
      let place = file[32..<40] + [UInt8(block), 0, 0, 0]
      put(
        plainCRC32C(place + file[start..<start + count]),
        at: plain.dataStart - 4 * (plain.storedBytes.count - block), in: &file)
      let (resealedFile, claimed) = resealed(file, made.sealed)
      do {
        _ = try made.read(resealedFile, as: claimed)
      } catch is ChunkError {
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  /// A manifest that says something else about a sound chunk than its tables do.
  @Test func anotherSizeInTheManifestIsRefused() throws {
    for change in [
      { $0.samples += 1 }, { $0.samples -= 1 }, { $0.rawBytes += 1 }, { $0.rawBytes -= 1 },
      { $0.fileBytes += 1 }, { $0.fileBytes -= 1 }, { $0.checksum ^= 1 },
    ] as [(inout SealedChunk) -> Void] {
      var claimed = made.sealed
      change(&claimed)
      #expect(throws: ChunkError.self, "\(claimed)") { try made.read(made.file, as: claimed) }
    }
  }

  /// Packed blocks in a chunk that says it has none.
  @Test func anotherCodecIsRefused() throws {
    let packed = try MadeChunk([[UInt8](repeating: 7, count: 9000)], codec: .lz4)
    var file = packed.file
    put(ChunkCodec.stored.rawValue, at: 12, in: &file)
    let (changed, claimed) = resealed(file, packed.sealed)
    #expect {
      try packed.read(changed, as: claimed)
    } throws: {
      "\($0)".contains("block 0 has")
    }
  }

  @Test func aNewerFormatIsRefusedByName() throws {
    var file = made.file
    put(2, at: 8, in: &file)
    let (newer, claimed) = resealed(file, made.sealed)
    #expect {
      try made.read(newer, as: claimed)
    } throws: {
      guard case .newerFormat(_, 2, 1)? = $0 as? ChunkError else { return false }
      return "\($0)".contains("newer engram")
    }
  }
}
