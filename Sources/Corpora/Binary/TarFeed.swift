import CArchive

/// Hands an archive's bytes to libarchive, a piece at a time.
final class TarFeed {
  private let bytes: ForwardBytes
  private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
  /// Zeros at the end of what was read.
  private var zeros = 0
  /// What reading failed with.
  private(set) var failure: (any Error)?

  /// Bytes of zeros that end a tar.
  private static let markBytes = 1024

  init(_ bytes: ForwardBytes) { self.bytes = bytes }

  deinit { piece.deallocate() }

  /// Whether what was read ends as a tar ends.
  var endsWithMark: Bool { zeros >= Self.markBytes }

  static func of(_ pointer: UnsafeMutableRawPointer?) -> TarFeed {
    Unmanaged<TarFeed>.fromOpaque(pointer!).takeUnretainedValue()
  }

  func read(_ address: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
    do {
      let count = try bytes.read(into: piece)
      address?.pointee = UnsafeRawPointer(piece.baseAddress)
      let tail = piece[..<count].suffix(Self.markBytes).reversed().prefix { $0 == 0 }.count
      zeros = tail == count ? min(Self.markBytes, zeros + tail) : tail
      return count
    } catch {
      failure = error
      return -1
    }
  }

  /// Skips what a file's own seeking can skip; 0 leaves it to `read`.
  func skip(_ count: Int64) -> Int64 {
    guard let all = bytes.count, count > 0 else { return 0 }
    let step = min(Int(count), max(0, all - bytes.position))
    do { try bytes.move(to: bytes.position + step) } catch {
      failure = error
      return Int64(ARCHIVE_FATAL)
    }
    if step > 0 { zeros = 0 }
    return Int64(step)
  }
}
