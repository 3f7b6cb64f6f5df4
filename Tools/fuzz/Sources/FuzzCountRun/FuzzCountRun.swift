import Digests
import Files
import Foundation
import FuzzDriver
import NgramCounts

/// Reads the fuzzer's bytes as a run file of N-gram counts, as merging does. The first byte says
/// which checksums are made to match, of the description (1), of the blocks (2) and of the trailer
/// (4), so that what lies behind them is reached too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCountRun(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard count > 0 else { return 0 }
  var file = Array(UnsafeBufferPointer(start: start, count: count))
  let choices = file.removeFirst()
  match(&file, choices)
  do {
    try file.withUnsafeBytes { try DurableFile.write($0, to: path) }
    try CountsWriter.merge(runs: [path], to: path + "-out")
    let merged = try DurableFile.read(path + "-out")
    try CountsWriter.merge(runs: [path + "-out"], to: path + "-again")
    let again = try DurableFile.read(path + "-again")
    precondition(again == merged, "not the same twice")
  } catch {
    precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
  }
  return 0
}

/// In memory: a run file is read by its path.
private let path = "/dev/shm/engram-fuzz-count-run-\(getpid())"

private func number(_ file: [UInt8], _ offset: Int) -> Int {
  (0..<4).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) }
}

private func put(_ value: UInt32, _ file: inout [UInt8], _ offset: Int) {
  for index in 0..<4 { file[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
}

private func match(_ file: inout [UInt8], _ choices: UInt8) {
  guard file.count >= 36, 20 + number(file, 12) + 16 <= file.count else { return }
  let start = 20 + number(file, 12)
  let json = Array(file[20..<start])
  if choices & 1 != 0 { put(checksum(file[..<16] + json), &file, 16) }
  let salt = Array(json.withUnsafeBytes { SHA256Digest(of: $0) }.bytes.prefix(8))
  var offset = start
  var (order, block) = (-1, 0)
  while offset + 16 <= file.count - 16 {
    let end = offset + 12 + number(file, offset + 8)
    guard end + 4 <= file.count - 16 else { return }
    if Int(file[offset]) != order { (order, block) = (Int(file[offset]), 0) }
    let isTrailer = order == 0
    let place =
      isTrailer
      ? [UInt8](repeating: 255, count: 8)
      : (0..<8).map { UInt8(truncatingIfNeeded: block >> (8 * $0)) }
    if choices & (isTrailer ? 4 : 2) != 0 {
      put(checksum(salt + place + file[offset..<end]), &file, end)
    }
    block += 1
    offset = end + 4
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
@_cdecl("FuzzCountRun_main")
public func fuzzCountRunMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzCountRun)
}
