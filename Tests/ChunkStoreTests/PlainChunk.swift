import Foundation

/// The digest of a sample by its text in `Schemas/chunk.md`, a byte at a time.
func plainDigest(_ sample: [UInt8]) -> UInt64 {
  let first: UInt64 = 0x6A09_E667_F3BC_C909
  let second: UInt64 = 0xBB67_AE85_84CA_A73B
  let third: UInt64 = 0x3C6E_F372_FE94_F82B
  func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.low ^ product.high
  }
  var state = first
  for start in stride(from: 0, to: sample.count, by: 16) {
    var halves: [UInt64] = [0, 0]
    for (index, byte) in sample[start..<min(start + 16, sample.count)].enumerated() {
      halves[index / 8] |= UInt64(byte) << (8 * (index % 8))
    }
    state = fold(halves[0] ^ second, halves[1] ^ state) &+ third
  }
  return fold(state ^ second, UInt64(sample.count) ^ first)
}

/// CRC32C a bit at a time.
func plainCRC32C(_ bytes: some Sequence<UInt8>) -> UInt32 {
  var sum: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
  }
  return ~sum
}

/// Decodes an LZ4 block by the format's description.
func plainLZ4(_ block: ArraySlice<UInt8>) -> [UInt8] {
  var bytes = Array(block)[...]
  var output: [UInt8] = []
  func length(_ nibble: Int) -> Int {
    guard nibble == 15 else { return nibble }
    var sum = 15
    while let byte = bytes.popFirst() {
      sum += Int(byte)
      if byte < 255 { break }
    }
    return sum
  }
  while let token = bytes.popFirst() {
    let literals = length(Int(token >> 4))
    output += bytes.prefix(literals)
    bytes = bytes.dropFirst(literals)
    guard bytes.count >= 2 else { break }
    let offset = Int(bytes.removeFirst()) | Int(bytes.removeFirst()) << 8
    for _ in 0..<length(Int(token & 15)) + 4 { output.append(output[output.count - offset]) }
  }
  return output
}

/// A chunk file read by its text in `Schemas/chunk.md`, with nothing of the library.
struct PlainChunk {
  var samples: [[UInt8]] = []
  var digests: [UInt64] = []
  /// Stored bytes of each block.
  var storedBytes: [Int] = []
  /// Where in the file blocks begin.
  var dataStart = 0
  /// Checksums that do not match, by what they cover.
  var mismatches: [String] = []

  init(_ file: [UInt8]) {
    func number(_ offset: Int, _ width: Int) -> Int {
      (0..<width).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) }
    }
    let count = number(16, 4)
    let blockBytes = number(20, 4)
    let rawBytes = number(24, 8)
    let blocks = number(40, 4)
    let digestStart = 48 + 4 * (count + 1)
    let endStart = digestStart + 8 * count
    let checksumStart = endStart + 4 * blocks
    dataStart = checksumStart + 4 * blocks
    for index in 0..<count {
      digests.append(
        file[digestStart + 8 * index..<digestStart + 8 * index + 8].reversed().reduce(0) {
          $0 << 8 | UInt64($1)
        })
    }
    if plainDigest(Array(file[48..<endStart]))
      != UInt64(
        file[32..<40].reversed().reduce(0) {
          $0 << 8 | UInt64($1)
        })
    {
      mismatches.append("salt")
    }
    if Int(plainCRC32C(file[..<44] + file[48..<dataStart])) != number(44, 4) {
      mismatches.append("tables")
    }
    var raw: [UInt8] = []
    var start = 0
    for block in 0..<blocks {
      let end = number(endStart + 4 * block, 4)
      let stored = file[dataStart + start..<dataStart + end]
      storedBytes.append(stored.count)
      let place = file[32..<40] + (0..<4).map { UInt8(truncatingIfNeeded: block >> (8 * $0)) }
      if Int(plainCRC32C(place + stored)) != number(checksumStart + 4 * block, 4) {
        mismatches.append("block \(block)")
      }
      let size = min(blockBytes, rawBytes - block * blockBytes)
      raw += stored.count == size ? Array(stored) : plainLZ4(stored)
      start = end
    }
    if raw.count != rawBytes { mismatches.append("raw bytes") }
    for index in 0..<count {
      samples.append(Array(raw[number(48 + 4 * index, 4)..<number(52 + 4 * index, 4)]))
    }
  }
}
