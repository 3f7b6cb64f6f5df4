import CKernels
import Digests

/// The digest of a run of pages, fed page by page: SHA-256 over the pages' own digests, each of
/// those SHA-256 over a page's bytes and then its number (8 bytes, little-endian).
///
/// Two pages of the same size are hashed side by side, which takes little longer than one.
struct RunDigest: ~Copyable {
  private var run = SHA256Hasher()
  /// A page that waits for a second one, with memory of its own.
  private let waiting: UnsafeMutableRawBufferPointer
  private var waitingCount = 0
  private var waitingPage = 0
  private static let canPair = engram_sha256_pair_is_supported() != 0

  /// - Parameter pageBytes: the most bytes that a page has.
  init(pageBytes: Int) {
    waiting = .allocate(byteCount: max(1, pageBytes), alignment: 64)
  }

  deinit {
    waiting.deallocate()
  }

  /// Adds a stored page.
  mutating func update(page: Int, bytes: UnsafeRawBufferPointer) {
    if waitingCount == 0, Self.canPair {
      waiting.copyMemory(from: bytes)
      (waitingCount, waitingPage) = (bytes.count, page)
      return
    }
    if waitingCount == bytes.count, Self.canPair {
      var digests = [UInt8](repeating: 0, count: 64)
      digests.withUnsafeMutableBufferPointer { digests in
        engram_sha256_pair(
          waiting.baseAddress!.assumingMemoryBound(to: UInt8.self), UInt64(waitingPage),
          bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), UInt64(page), bytes.count,
          digests.baseAddress!, digests.baseAddress! + 32)
      }
      waitingCount = 0
      digests.withUnsafeBytes { run.update($0) }
      return
    }
    flush()
    add(page: page, bytes: bytes)
  }

  /// The digest of the pages since the last call, and a fresh start.
  mutating func finalize() -> SHA256Digest {
    flush()
    return run.finalize()
  }

  /// The manifest's `content` of a table whose runs have these digests, in order.
  static func content(of runs: [SHA256Digest]) -> String {
    var content = SHA256Hasher()
    for run in runs { run.bytes.withUnsafeBytes { content.update($0) } }
    return content.finalize().description
  }

  private mutating func flush() {
    guard waitingCount > 0 else { return }
    let bytes = UnsafeRawBufferPointer(rebasing: waiting[..<waitingCount])
    waitingCount = 0
    add(page: waitingPage, bytes: bytes)
  }

  private mutating func add(page: Int, bytes: UnsafeRawBufferPointer) {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    withUnsafeBytes(of: UInt64(page).littleEndian) { hasher.update($0) }
    hasher.finalize().bytes.withUnsafeBytes { run.update($0) }
  }
}
