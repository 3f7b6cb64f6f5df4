import Foundation

/// A lean client of a service: one connection that is kept, one request at a time, no memory taken
/// after the first answer.
final class ServeBenchConnection {
  private let descriptor: Int32
  private var buffer: UnsafeMutableRawBufferPointer

  /// What is read before an answer's head is known to be complete.
  private static let headBytes = 4096

  /// - Parameter answerBytes: the most that a body has.
  /// - Throws: `CommandError`.
  init(socketPath: String, answerBytes: Int) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw CommandError("cannot make a socket") }
    buffer = .allocate(byteCount: answerBytes + Self.headBytes, alignment: 64)
    // Pages that were never written to cost much at the first write.
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard socketPath.utf8.count < room else {
      throw CommandError(
        "\(socketPath) is too long for a socket", hint: "set TMPDIR to a shorter one")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8) }
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard code == 0 else { throw failure("connect") }
  }

  deinit {
    close(descriptor)
    buffer.deallocate()
  }

  /// Sends a request and reads its answer; the body, until the next request.
  ///
  /// - Throws: `CommandError` where the answer is no 200 with a length; `CancellationError`.
  func ask(_ request: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
    try send(request)
    var filled = 0
    var head = 0
    while head == 0 {
      filled += try receive(filled)
      head = Self.headEnd(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
      guard head > 0 || filled < Self.headBytes else { throw CommandError("an answer without end") }
    }
    let text = UnsafeRawBufferPointer(rebasing: buffer[..<head])
    guard text.starts(with: "HTTP/1.1 200".utf8), let length = Self.contentLength(text),
      head + length <= buffer.count
    else {
      throw CommandError(
        "the service answers: \(String(decoding: buffer[..<filled].prefix(400), as: UTF8.self))")
    }
    while filled < head + length { filled += try receive(filled) }
    guard filled == head + length else { throw CommandError("more came than was announced") }
    return UnsafeRawBufferPointer(rebasing: buffer[head..<filled])
  }

  private func send(_ request: UnsafeRawBufferPointer) throws {
    var sent = 0
    while sent < request.count {
      let count = Foundation.send(
        descriptor, request.baseAddress! + sent, request.count - sent, Int32(MSG_NOSIGNAL))
      if count < 0, errno == EINTR {
        try Interruption.check()
        continue
      }
      guard count > 0 else { throw failure("send to") }
      sent += count
    }
  }

  private func receive(_ filled: Int) throws -> Int {
    while true {
      let count = recv(descriptor, buffer.baseAddress! + filled, buffer.count - filled, 0)
      if count > 0 { return count }
      guard count < 0, errno == EINTR else { throw failure("read from") }
      try Interruption.check()
    }
  }

  private func failure(_ what: String) -> CommandError {
    CommandError("cannot \(what) the service: \(String(cString: strerror(errno)))")
  }

  /// Where the body begins; 0 where the head is not complete.
  private static func headEnd(_ bytes: UnsafeRawBufferPointer) -> Int {
    var at = 3
    while at < bytes.count {
      if bytes[at] == 10, bytes[at - 1] == 13, bytes[at - 2] == 10, bytes[at - 3] == 13 {
        return at + 1
      }
      at += 1
    }
    return 0
  }

  private static func contentLength(_ head: UnsafeRawBufferPointer) -> Int? {
    let name = "\r\ncontent-length: "
    var at = head.startIndex
    while at + name.utf8.count < head.count {
      let isHere = zip(name.utf8, head[at...]).allSatisfy { $0 == $1 || $0 == $1 | 32 }
      if isHere { break }
      at += 1
    }
    var length: Int?
    for byte in head[min(head.count, at + name.utf8.count)...] {
      guard (48...57).contains(byte), length ?? 0 < 1 << 40 else { break }
      length = (length ?? 0) * 10 + Int(byte - 48)
    }
    return length
  }
}
