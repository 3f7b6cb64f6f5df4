import ChunkStore
import Digests
import SeededRandom
import TestCheckpoints
import Testing

@Suite struct ChunkCorruptionTests {
  private func made(_ codec: ChunkCodec, seed: UInt64 = 1) throws -> MadeChunk {
    var random = SeededGenerator(seed: seed)
    let samples = [100, 3000, 0, 5000, 1, 2000].map {
      codec == .lz4 ? random.compressible($0) : random.bytes($0)
    }
    return try MadeChunk(samples, codec: codec)
  }

  /// Every byte of the file counts: a flip of any is refused, by opening or by reading.
  @Test(arguments: ChunkCodec.allCases)
  func aFlippedBitAnywhereIsRefused(codec: ChunkCodec) throws {
    let made = try made(codec)
    var random = SeededGenerator(seed: 2)
    for place in made.file.indices {
      var file = made.file
      file[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      #expect(throws: ChunkError.self, "byte \(place)") { try made.read(file) }
    }
  }

  /// Reading one sample, a flip elsewhere may go unseen: then the sample is right.
  @Test(arguments: ChunkCodec.allCases)
  func aSampleIsRightOrRefused(codec: ChunkCodec) throws {
    let made = try made(codec)
    var random = SeededGenerator(seed: 3)
    var outcomes: Set<Bool> = []
    for _ in 0..<2000 {
      var file = made.file
      file[Int.random(in: 0..<file.count, using: &random)] ^=
        1 << UInt8.random(in: 0..<8, using: &random)
      let backend = MemoryChunks()
      _ = try file.withUnsafeBytes { try backend.putIfAbsent(made.sealed.name, $0) }
      do {
        let chunk = try Chunk(made.sealed, in: backend)
        let index = Int.random(in: 0..<made.samples.count, using: &random)
        try BlockDecoder().withBytes(chunk.rawRange(of: index), of: chunk) {
          #expect(Array($0) == made.samples[index])
        }
        outcomes.insert(true)
      } catch is ChunkError {
        outcomes.insert(false)
      }
    }
    #expect(outcomes == [true, false])
  }

  @Test func aBlockThatIsDamagedIsNamed() throws {
    let made = try made(.stored)
    let start = PlainChunk(made.file).dataStart
    var file = made.file
    file[start + 5000] ^= 1
    #expect {
      try made.read(file)
    } throws: { error in
      guard
        case .corruptBlock(let place, let block, let offset, let expected, let found)? =
          error as? ChunkError
      else { return false }
      return place.contains(made.sealed.name.description) && block == 1 && offset == start + 4096
        && expected != found && !"\(error)".contains("\n")
    }
  }

  @Test(arguments: ChunkCodec.allCases)
  func aFileThatIsCutOffIsRefused(codec: ChunkCodec) throws {
    let made = try made(codec)
    for count in 0..<made.file.count {
      #expect(throws: ChunkError.self, "\(count) bytes") {
        try made.read(Array(made.file[..<count]))
      }
    }
  }

  @Test(arguments: [true, false])
  func aCutOrLongFileOfAFolderIsRefused(isMapped: Bool) throws {
    let scratch = try ScratchFolder()
    let made = try made(.stored)
    for file in [Array(made.file.dropLast()), [], Array(made.file[..<60]), made.file + [0]] {
      let chunks = LocalChunks(folder: scratch("chunks"), temporary: scratch.path)
      try chunks.delete(made.sealed.name)
      _ = try file.withUnsafeBytes { try chunks.putIfAbsent(made.sealed.name, $0) }
      if file.count > made.file.count, !isMapped {
        // What lies behind the chunk is not looked at.
        #expect(try readAll(Chunk(made.sealed, in: chunks, isMapped: isMapped)) == made.samples)
      } else {
        #expect(throws: ChunkError.self, "\(file.count) bytes") {
          try readAll(Chunk(made.sealed, in: chunks, isMapped: isMapped))
        }
      }
    }
  }

  @Test func anotherChunkUnderTheNameIsRefused() throws {
    // Of the same sizes throughout.
    let (one, other) = (try made(.stored, seed: 1), try made(.stored, seed: 2))
    #expect(one.file.count == other.file.count)
    #expect {
      try one.read(other.file)
    } throws: {
      "\($0)".contains("another chunk")
    }
  }

  /// A block's checksum covers where it is: in which chunk, and the how manieth it is there.
  @Test func aBlockThatStrayedIsRefused() throws {
    let (one, other) = (try made(.stored, seed: 1), try made(.stored, seed: 2))
    let start = PlainChunk(one.file).dataStart
    var swapped = one.file
    swapped.replaceSubrange(start..<start + 4096, with: one.file[start + 4096..<start + 8192])
    swapped.replaceSubrange(start + 4096..<start + 8192, with: one.file[start..<start + 4096])
    #expect(throws: ChunkError.self) { try one.read(swapped) }
    // With its checksum too: the tables tell; and where they were made to match, the place does.
    let sums = start - 4 * 3
    swapped.replaceSubrange(sums..<sums + 4, with: one.file[sums + 4..<sums + 8])
    swapped.replaceSubrange(sums + 4..<sums + 8, with: one.file[sums..<sums + 4])
    #expect(throws: ChunkError.self) { try one.read(swapped) }
    #expect {
      let (file, claimed) = resealed(swapped, one.sealed)
      return try one.read(file, as: claimed)
    } throws: {
      guard case .corruptBlock(_, let block, _, _, _)? = $0 as? ChunkError else { return false }
      return block == 0
    }
    var foreign = one.file
    foreign.replaceSubrange(start..., with: other.file[start...])
    foreign.replaceSubrange(sums..<start, with: other.file[sums..<start])
    #expect {
      let (file, claimed) = resealed(foreign, one.sealed)
      return try one.read(file, as: claimed)
    } throws: {
      guard case .corruptBlock? = $0 as? ChunkError else { return false }
      return true
    }
  }
}

/// A file whose tables were changed, with the checksum that then matches, and a manifest's entry
/// that says the same: what only a hostile writer makes.
func resealed(_ file: [UInt8], _ sealed: SealedChunk) -> (file: [UInt8], claimed: SealedChunk) {
  var (file, claimed) = (file, sealed)
  func number(_ offset: Int, _ width: Int) -> Int {
    (0..<width).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) }
  }
  let tables = 48 + 12 * number(16, 4) + 4 + 8 * number(40, 4)
  let checksum = plainCRC32C(file[..<44] + file[48..<min(max(48, tables), file.count)])
  for index in 0..<4 { file[44 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * index)) }
  claimed.checksum = checksum
  claimed.samples = number(16, 4)
  claimed.rawBytes = number(24, 8)
  return (file, claimed)
}
