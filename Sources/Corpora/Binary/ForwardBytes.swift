import Compression
import Files

/// The bytes of a unit, decompressed, read from front to back through a buffer of a fixed size.
final class ForwardBytes {
  private enum Source {
    case file(RegularFile)
    case stream(SourceFile)
    case memory([UInt8])
  }

  /// How many bytes there are, where that can be known before they are read.
  let count: Int?
  /// The next byte's offset from the start.
  private(set) var position = 0

  private let source: Source
  /// What was read ahead: `buffer[taken..<filled]` stands at `position`.
  private var buffer = [UInt8](repeating: 0, count: 0)
  private var taken = 0
  private var filled = 0
  private static let bufferBytes = 256 << 10

  /// Opens a file, or standard input where `path` is `-`.
  init(path: String, compression: CompressionFormat) throws {
    if compression == .none && path != "-" {
      let file = try RegularFile(path: path)
      source = .file(file)
      count = file.count
    } else {
      source = .stream(try SourceFile(path: path, compression: compression))
      count = nil
    }
  }

  /// Opens a unit's file.
  ///
  /// - Throws: `BinaryFault` where it is not the file that was listed.
  convenience init(_ unit: CorpusUnit) throws {
    try self.init(path: unit.path, compression: unit.compression)
    guard unit.modified == 0 || modified == 0 || modified == unit.modified else {
      throw BinaryFault.changed
    }
  }

  /// Bytes that are in memory already.
  init(_ bytes: [UInt8]) {
    source = .memory(bytes)
    count = bytes.count
  }

  /// The file itself, where it is not compressed.
  var file: RegularFile? {
    if case .file(let file) = source { file } else { nil }
  }

  /// Time of the file's last change when it was opened, 0 where there is no file.
  var modified: Int {
    switch source {
    case .file(let file): file.modified
    case .stream(let stream): stream.file.modified
    case .memory: 0
    }
  }

  /// Whether the file is as it was when it was opened.
  var isUnchanged: Bool {
    switch source {
    case .file(let file): file.isUnchanged
    case .stream(let stream): (try? stream.checkUnchanged()) != nil
    case .memory: true
    }
  }

  /// Goes to a later byte, or in a file that is not compressed to any; behind the end is allowed.
  func move(to offset: Int) throws {
    let ahead = position + (filled - taken)
    if offset >= position, offset <= ahead {
      taken += offset - position
      position = offset
      return
    }
    taken = 0
    filled = 0
    switch source {
    case .file, .memory: position = offset
    case .stream(let stream):
      guard offset >= position else {
        throw BinaryFault(
          "it has to be read at byte \(offset) after byte \(position), which a compressed file "
            + "does not allow; decompress it first")
      }
      position = ahead
      prepareBuffer()
      while position < offset {
        let got = try buffer.withUnsafeMutableBytes { bytes in
          try stream.read(
            into: UnsafeMutableRawBufferPointer(
              rebasing: bytes.prefix(min(bytes.count, offset - position))))
        }
        if got == 0 { return }
        position += got
      }
    }
  }

  /// Fills `target`, with fewer bytes only where the end comes first.
  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < target.count {
      if taken < filled {
        let step = min(filled - taken, target.count - done)
        buffer.withUnsafeBytes {
          (target.baseAddress! + done).copyMemory(from: $0.baseAddress! + taken, byteCount: step)
        }
        taken += step
        position += step
        done += step
        continue
      }
      let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
      if rest.count >= Self.bufferBytes {
        let got = try readSource(into: rest)
        if got == 0 { break }
        position += got
        done += got
      } else {
        prepareBuffer()
        filled = try buffer.withUnsafeMutableBytes { try readSource(into: $0) }
        taken = 0
        if filled == 0 { break }
      }
    }
    return done
  }

  /// Appends the next `count` bytes.
  ///
  /// Memory grows with what is really there, not with what a header claims.
  ///
  /// - Throws: `BinaryFault.cutOff` for `what` where there are fewer.
  func take(_ count: Int, of what: String, to bytes: inout [UInt8]) throws {
    if let all = self.count, count > all - position { throw BinaryFault.cutOff(what, at: all) }
    var rest = count
    while rest > 0 {
      let step = self.count == nil ? min(rest, 1 << 20) : rest
      var got = 0
      try bytes.append(upTo: step) {
        got = try read(into: $0)
        return got
      }
      guard got == step else { throw BinaryFault.cutOff(what, at: position) }
      rest -= step
    }
  }

  /// The next `count` bytes.
  func take(_ count: Int, of what: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try take(count, of: what, to: &bytes)
    return bytes
  }

  /// Whether there is another byte.
  func isAtEnd() throws -> Bool {
    if taken < filled { return false }
    prepareBuffer()
    filled = try buffer.withUnsafeMutableBytes { try readSource(into: $0) }
    taken = 0
    return filled == 0
  }

  private static func copy(
    _ bytes: [UInt8], from offset: Int, into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    let rest = bytes[min(offset, bytes.count)...].prefix(target.count)
    rest.withUnsafeBytes { target.copyMemory(from: $0) }
    return rest.count
  }

  private func prepareBuffer() {
    if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: Self.bufferBytes) }
  }

  /// - Precondition: nothing is left in the buffer.
  private func readSource(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    switch source {
    case .file(let file): try file.read(into: target, at: position)
    case .stream(let stream): try stream.read(into: target)
    case .memory(let bytes): Self.copy(bytes, from: position, into: target)
    }
  }
}

extension [UInt8] {
  /// The little-endian number at `offset`, which the caller has checked.
  func number<Integer: FixedWidthInteger>(_: Integer.Type, at offset: Int) -> Integer {
    var value: Integer = 0
    for byte in 0..<MemoryLayout<Integer>.size {
      value |= Integer(truncatingIfNeeded: self[offset + byte]) &<< Integer(8 * byte)
    }
    return value
  }
}
