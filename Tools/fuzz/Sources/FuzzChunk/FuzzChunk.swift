import ChunkStore
import Datasets
import Digests
import Files
import FuzzDriver

/// One object in memory, read by ranges.
struct OneChunk: ChunkBackend {
  let bytes: [UInt8]

  func putIfAbsent(_ name: SHA256Digest, _ bytes: UnsafeRawBufferPointer) -> Bool { false }
  func get(_ name: SHA256Digest, range: Range<Int>) throws -> [UInt8] {
    guard range.upperBound <= bytes.count else {
      throw ChunkError.corruptChunk(place: "fuzz", reason: "it ends too early")
    }
    return Array(bytes[range])
  }
  func list() -> [(name: SHA256Digest, bytes: Int)] { [] }
  func delete(_ name: SHA256Digest) {}
  func synchronize() {}
  func map(_ name: SHA256Digest) -> MappedFile? { nil }
  func place(of name: SHA256Digest) -> String { "fuzz" }
}

/// Opens the fuzzer's bytes as a chunk file that a manifest describes as it describes itself, and
/// reads all samples. The first byte says whether checksums are made to match, of the tables (1)
/// and of the blocks (2), so that what lies behind them is reached too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzChunk(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard count > 0 else { return 0 }
  var file = Array(UnsafeBufferPointer(start: start, count: count))
  let choices = file.removeFirst()
  if file.count >= 48 {
    if choices & 2 != 0 { matchBlocks(&file) }
    if choices & 1 != 0 { matchTables(&file) }
  }
  do {
    guard file.count >= 48 else { return 0 }
    let claimed = try ManifestPage.decode(page(of: file), place: "page")[0].chunk
    let chunk = try Chunk(claimed, in: OneChunk(bytes: file))
    let decoder = BlockDecoder()
    var total = 0
    for index in 0..<chunk.samples {
      total += try decoder.withBytes(chunk.rawRange(of: index), of: chunk) { $0.count }
    }
    precondition(total == chunk.rawBytes, "samples that are not all bytes")
  } catch {
    precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
  }
  return 0
}

/// A manifest page with one extent: the file as its own header has it.
private func page(of file: [UInt8]) -> [UInt8] {
  func bytes(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  return Array("ENGRPAGE".utf8) + bytes(1, 4) + bytes(1, 4) + [UInt8](repeating: 1, count: 32)
    + bytes(file.count, 8) + file[24..<32] + file[16..<20] + file[44..<48] + bytes(0, 4)
    + bytes(1, 4) + bytes(0, 8)
}

private func number(_ file: [UInt8], _ offset: Int) -> Int {
  (0..<4).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) }
}

private func put(_ value: UInt32, _ file: inout [UInt8], _ offset: Int) {
  for index in 0..<4 { file[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
}

private func dataStart(_ file: [UInt8]) -> Int {
  48 + 4 + 12 * number(file, 16) + 8 * number(file, 40)
}

private func matchTables(_ file: inout [UInt8]) {
  let end = min(dataStart(file), file.count)
  put(checksum(file[..<44] + file[48..<end]), &file, 44)
}

private func matchBlocks(_ file: inout [UInt8]) {
  let (blocks, data) = (number(file, 40), dataStart(file))
  guard data <= file.count else { return }
  var begin = 0
  for block in 0..<blocks {
    let end = number(file, data - 8 * blocks + 4 * block)
    guard begin <= end, data + end <= file.count else { return }
    let place = file[32..<40] + (0..<4).map { UInt8(truncatingIfNeeded: block >> (8 * $0)) }
    let stored = file[data + begin..<data + end]
    put(checksum(place + stored), &file, data - 4 * blocks + 4 * block)
    begin = end
  }
}

/// CRC32C by a table of bytes.
private func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
  ~bytes.reduce(UInt32.max) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
}

private let table: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
}

/// The program's entry.
@_cdecl("FuzzChunk_main")
public func fuzzChunkMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzChunk)
}
