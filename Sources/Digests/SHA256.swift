import COpenSSL

/// A SHA-256 digest: 32 bytes, shown as 64 lower-case hexadecimal digits.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// The 32 bytes, first to last.
  public let bytes: [UInt8]

  /// The digest of everything in `buffer`.
  ///
  /// - Complexity: one pass; with SHA instructions 1 to 2 GB/s a core.
  public init(of buffer: UnsafeRawBufferPointer) {
    var hasher = SHA256Hasher()
    hasher.update(buffer)
    self = hasher.finalize()
  }

  /// The digest of the UTF-8 bytes of `text`.
  public init(of text: String) {
    var text = text
    self = text.withUTF8 { SHA256Digest(of: UnsafeRawBufferPointer($0)) }
  }

  /// Reads 64 hexadecimal digits, of either case; `nil` for anything else.
  public init?(hexadecimal text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    for index in stride(from: 0, to: 64, by: 2) {
      guard let high = Self.value(of: digits[index]), let low = Self.value(of: digits[index + 1])
      else { return nil }
      bytes.append(high << 4 | low)
    }
    self.bytes = bytes
  }

  /// A digest of these 32 bytes.
  package init(bytes: some Collection<UInt8>) {
    precondition(bytes.count == 32)
    self.bytes = Array(bytes)
  }

  /// The 64 lower-case hexadecimal digits.
  public var description: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

/// SHA-256 of bytes that arrive in pieces.
///
///     var hasher = SHA256Hasher()
///     hasher.update(header)
///     hasher.update(content)
///     let digest = hasher.finalize()
public struct SHA256Hasher: ~Copyable {
  private let context: OpaquePointer

  /// A hasher that has seen no bytes.
  public init() {
    // Both fail only where memory is exhausted or libcrypto was built without SHA-256.
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    else { fatalError("libcrypto offers no SHA-256") }
    self.context = context
  }

  deinit {
    EVP_MD_CTX_free(context)
  }

  /// Adds all bytes of `buffer`.
  public mutating func update(_ buffer: UnsafeRawBufferPointer) {
    guard let base = buffer.baseAddress else { return }
    EVP_DigestUpdate(context, base, buffer.count)
  }

  /// Adds the UTF-8 bytes of `text`.
  public mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// Writes the digest of everything added since the last call to the first 32 bytes of `buffer`, and
  /// starts afresh.
  package mutating func finalize(into buffer: UnsafeMutableRawBufferPointer) {
    precondition(buffer.count >= 32)
    EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
    EVP_DigestInit_ex(context, nil, nil)
  }

  /// The digest of everything added since the last call, and a fresh start.
  public mutating func finalize() -> SHA256Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    bytes.withUnsafeMutableBytes { finalize(into: $0) }
    return SHA256Digest(bytes: bytes)
  }
}
