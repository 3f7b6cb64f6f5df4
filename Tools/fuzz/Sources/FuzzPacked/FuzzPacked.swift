import Compression
import FuzzDriver

/// Reads the fuzzer's bytes as a compressed stream: the first says of which form, the second in how
/// large pieces. It ends or is refused in one line, the same whatever the pieces are.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPacked(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard count > 2 else { return 0 }
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let format = formats[Int(bytes[0]) % formats.count]
  let stream = Array(bytes[2...])
  let whole = read(stream, format, pieces: 1 << 16, room: 1 << 16)
  let parts = read(stream, format, pieces: Int(bytes[1]) + 1, room: 777)
  precondition(whole.isWhole == parts.isWhole, "in pieces, it ends otherwise")
  let common = min(whole.bytes.count, parts.bytes.count)
  precondition(whole.bytes[..<common] == parts.bytes[..<common], "in pieces, it is another")
  precondition(!whole.isWhole || whole.bytes.count == parts.bytes.count, "in pieces, it is shorter")
  return 0
}

private let formats: [CompressionFormat] = [.gzip, .zstd, .bzip2, .lz4]
/// A few kilobytes may stand for gigabytes.
private let most = 4 << 20

/// Bytes in memory, a few at a time.
private final class Pieces: ByteSource {
  private var rest: ArraySlice<UInt8>
  private let size: Int

  init(_ bytes: [UInt8], _ size: Int) {
    rest = bytes[...]
    self.size = size
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let taken = rest.prefix(min(size, buffer.count))
    buffer.copyBytes(from: taken)
    rest = rest.dropFirst(taken.count)
    return taken.count
  }
}

private func read(
  _ stream: [UInt8], _ format: CompressionFormat, pieces: Int, room: Int
) -> (bytes: [UInt8], isWhole: Bool) {
  var found: [UInt8] = []
  do {
    let source = try DecompressingByteSource(
      Pieces(stream, pieces), format: format, path: "fuzz")
    var buffer = [UInt8](repeating: 0, count: room)
    while found.count < most {
      let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
      precondition(count >= 0 && count <= room, "more than there was room for")
      if count == 0 { return (found, true) }
      found += buffer[..<count]
    }
    return (Array(found[..<most]), false)
  } catch {
    precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
    return (found, false)
  }
}

/// The program's entry.
@_cdecl("FuzzPacked_main")
public func fuzzPackedMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzPacked)
}
