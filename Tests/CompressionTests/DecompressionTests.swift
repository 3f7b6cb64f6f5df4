import CZstd
import Compression
import SeededRandom
import TestCheckpoints
import Testing

private let compressedFormats = CompressionFormat.allCases.filter { $0 != .none }

/// Bytes that compress somewhat: words of a small vocabulary, then noise.
private func someBytes(_ count: Int, seed: UInt64) -> [UInt8] {
  var generator = SeededGenerator(seed: seed)
  let noise = generator.bytes(count / 4)
  var bytes: [UInt8] = []
  while bytes.count < count - noise.count {
    bytes += Array("word\(Int.random(in: 0..<200, using: &generator)) ".utf8)
  }
  return Array((bytes + noise).prefix(count))
}

@Suite struct DecompressionTests {
  @Test(arguments: CompressionFormat.allCases)
  func whatWentInComesOut(format: CompressionFormat) throws {
    for (seed, count) in [0, 1, 100, 70_000, 1_000_000].enumerated() {
      let bytes = someBytes(count, seed: UInt64(seed))
      #expect(try decompressed(compressed(bytes, as: format), as: format) == bytes)
    }
  }

  @Test(arguments: compressedFormats, [1, 7, 1000])
  func piecesOfAnySizeMakeNoDifference(format: CompressionFormat, piece: Int) throws {
    let bytes = someBytes(20_000, seed: 9)
    #expect(try decompressed(compressed(bytes, as: format), as: format, piece: piece) == bytes)
  }

  @Test(arguments: compressedFormats)
  func aSmallBufferReadsEverything(format: CompressionFormat) throws {
    let bytes = someBytes(5_000, seed: 3)
    let source = try DecompressingByteSource(
      PiecesSource(compressed(bytes, as: format)), format: format, path: "made")
    var read: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 3, alignment: 1)
    defer { buffer.deallocate() }
    while case let count = try source.read(into: buffer), count > 0 { read += buffer[..<count] }
    #expect(read == bytes)
    #expect(try source.read(into: buffer) == 0, "the end stays the end")
  }

  @Test(arguments: compressedFormats, [1, 1 << 20])
  func severalStreamsAreReadAsOne(format: CompressionFormat, piece: Int) throws {
    let parts = [someBytes(3_000, seed: 1), [], someBytes(10, seed: 2)]
    let stream = parts.flatMap { compressed($0, as: format) }
    #expect(
      try decompressed(stream, as: format, piece: piece) == parts.flatMap(\.self))
  }

  @Test(arguments: compressedFormats)
  func everyCutIsReported(format: CompressionFormat) throws {
    let bytes = someBytes(700, seed: 4)
    let stream = compressed(bytes, as: format)
    for count in 0..<stream.count {
      #expect(
        throws: CompressionError.cutOff(path: "made", format: format, offset: count),
        "\(count) of \(stream.count) bytes"
      ) { try decompressed(Array(stream.prefix(count)), as: format) }
    }
  }

  @Test(arguments: compressedFormats)
  func aSecondStreamThatIsCutIsReported(format: CompressionFormat) throws {
    let stream = compressed([1, 2, 3], as: format)
    for count in 1..<stream.count {
      #expect(throws: CompressionError.self) {
        try decompressed(stream + stream.prefix(count), as: format)
      }
    }
  }

  @Test(arguments: compressedFormats)
  func whatIsNoStreamIsRefused(format: CompressionFormat) throws {
    let stream = compressed([1, 2, 3], as: format)
    for garbage in [Array("garbage behind".utf8), [UInt8](repeating: 0, count: 512)] {
      for bytes in [garbage, stream + garbage] {
        let error = #expect(throws: CompressionError.self) {
          try decompressed(bytes, as: format)
        }
        guard case .damaged? = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
      }
    }
  }

  /// Damage is reported, or lies in a field that nothing depends on: never other bytes.
  @Test(arguments: compressedFormats)
  func flippedBitsGiveNoOtherBytes(format: CompressionFormat) throws {
    let bytes = someBytes(3_000, seed: 5)
    let stream = compressed(bytes, as: format)
    var generator = SeededGenerator(seed: 6)
    var refused = 0
    for _ in 0..<2_000 {
      var damaged = stream
      damaged[Int.random(in: 0..<stream.count, using: &generator)] ^=
        1 << UInt8.random(in: 0..<8, using: &generator)
      do {
        let read = try decompressed(damaged, as: format)
        #expect(read == bytes)
      } catch is CompressionError {
        refused += 1
      }
    }
    #expect(refused > 1_800)
  }

  @Test(arguments: compressedFormats)
  func noiseIsNeverAccepted(format: CompressionFormat) throws {
    var generator = SeededGenerator(seed: 7)
    let head = compressed([1, 2, 3], as: format).prefix(6)
    for round in 0..<2_000 {
      let noise = generator.bytes(Int.random(in: 1..<200, using: &generator))
      #expect(throws: CompressionError.self) {
        try decompressed(round % 2 == 0 ? noise : head + noise, as: format)
      }
    }
  }

  @Test func anErrorComesAgain() throws {
    let source = try DecompressingByteSource(
      PiecesSource([0x1F, 0x8B, 8]), format: .gzip, path: "made")
    for _ in 0..<3 {
      #expect(throws: CompressionError.cutOff(path: "made", format: .gzip, offset: 3)) {
        try source.readAll(limit: 10)
      }
    }
  }

  @Test func aZstdWindowThatIsTooLargeIsRefused() throws {
    let context = ZSTD_createCCtx()
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 28)
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)
    let bytes = [UInt8](repeating: 7, count: 1000)
    let room = [UInt8](unsafeUninitializedCapacity: 10_000) { buffer, count in
      var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      bytes.withUnsafeBytes {
        var source = ZSTD_inBuffer(src: $0.baseAddress, size: $0.count, pos: 0)
        ZSTD_compressStream2(context, &target, &source, ZSTD_e_flush)
        ZSTD_compressStream2(context, &target, &source, ZSTD_e_end)
      }
      count = target.pos
    }
    #expect(throws: CompressionError.windowTooLarge(path: "made", limit: 128 << 20)) {
      try decompressed(room, as: .zstd)
    }
  }
}
