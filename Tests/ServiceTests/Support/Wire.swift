import Foundation
import Synchronization

@testable import Service

/// A connection as the simplest of clients has it: a socket, bytes written and bytes read. It waits on
/// threads of its own, never on those that the service's tasks need.
final class Wire: Sendable {
  /// What the socket could not do.
  struct Broken: Error, CustomStringConvertible {
    let description: String
  }

  private let descriptor: Int32
  /// Bytes that were read and not taken.
  private let buffer = Mutex<[UInt8]>([])

  /// Connects; a call that waits for more than 20 seconds fails.
  ///
  /// - Parameter receiveBytes: what the system keeps for a client that does not read.
  init(_ address: ListenAddress, receiveBytes: Int32? = nil) throws {
    let isUnix = if case .unix = address { true } else { false }
    descriptor = socket(isUnix ? AF_UNIX : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Broken(description: "no socket") }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(
      descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    if var receiveBytes {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBytes, 4)
    }
    guard Self.connect(descriptor, to: address) == 0 else {
      // `deinit` closes it: a second close could hit a socket of another thread's.
      let reason = String(cString: strerror(errno))
      throw Broken(description: "cannot connect to \(address): \(reason)")
    }
  }

  deinit { close(descriptor) }

  /// Ends the sending half: the service sees the end of what it reads.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  private static func connect(_ descriptor: Int32, to address: ListenAddress) -> Int32 {
    switch address {
    case .unix(let path):
      var name = sockaddr_un()
      name.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
      return withUnsafePointer(to: &name) { name in
        name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    case .tcp(_, let port):
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = UInt16(port).bigEndian
      name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      return withUnsafePointer(to: &name) { name in
        name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
  }

  // MARK: - Bytes

  /// Writes all of them.
  func send(_ bytes: some Sequence<UInt8> & Sendable) async throws {
    try await onThread { [self] in
      var rest = Array(bytes)[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else {
          throw Broken(description: "cannot send: \(String(cString: strerror(errno)))")
        }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Writes text.
  func send(_ text: String) async throws { try await send(Array(text.utf8)) }

  /// All that comes until the service closes the connection.
  func rest() async throws -> [UInt8] {
    try await onThread { [self] in
      var part = [UInt8](repeating: 0, count: 256 << 10)
      while try receive(by: &part) {}
      return buffer.withLock { bytes in
        defer { bytes = [] }
        return bytes
      }
    }
  }

  /// Whether something came; `false` at the end.
  private func receive(by part: inout [UInt8]) throws -> Bool {
    let count = recv(descriptor, &part, part.count, 0)
    guard count >= 0 || errno == ECONNRESET else {
      throw Broken(description: "nothing comes: \(String(cString: strerror(errno)))")
    }
    guard count > 0 else { return false }
    buffer.withLock { $0 += part[..<count] }
    return true
  }

  // MARK: - HTTP

  /// The next answer.
  ///
  /// - Parameter isHead: whether it is one to HEAD, which has no body.
  func answer(isHead: Bool = false) async throws -> Answer {
    try await onThread { [self] in
      var part = [UInt8](repeating: 0, count: 256 << 10)
      while true {
        if let answer = try buffer.withLock({ try Answer.take(from: &$0, isHead: isHead) }) {
          return answer
        }
        guard try receive(by: &part) else {
          throw Broken(description: "the connection ends in the middle of an answer")
        }
      }
    }
  }

  /// Asks and waits for the answer.
  func ask(
    _ method: String, _ path: String, _ headers: [String: String] = [:], body: [UInt8]? = nil
  ) async throws -> Answer {
    try await send(Self.request(method, path, headers, body: body))
    return try await answer(isHead: method == "HEAD")
  }

  /// A request as it is written.
  static func request(
    _ method: String, _ path: String, _ headers: [String: String] = [:], body: [UInt8]? = nil
  ) -> [UInt8] {
    var text = "\(method) \(path) HTTP/1.1\r\nHost: test\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    if let body { text += "Content-Length: \(body.count)\r\n" }
    return Array((text + "\r\n").utf8) + (body ?? [])
  }
}

/// An answer of HTTP/1.1 whose length is known.
struct Answer: Sendable {
  var status = 0
  /// By their names in lowercase.
  var headers: [String: String] = [:]
  var body: [UInt8] = []

  /// The body as text.
  var text: String { String(decoding: body, as: UTF8.self) }
  /// The body as a JSON object; empty where it is none.
  var object: [String: Any] {
    (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:]
  }
  /// The code of an error.
  var code: String { (object["error"] as? [String: Any])?["code"] as? String ?? "" }
  /// What is said of an error.
  var message: String { (object["error"] as? [String: Any])?["message"] as? String ?? "" }

  /// Takes an answer from the front of what was read; `nil` where it is not complete.
  static func take(from bytes: inout [UInt8], isHead: Bool) throws -> Answer? {
    let blank = Array("\r\n\r\n".utf8)
    guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: blank) }) else {
      return nil
    }
    var answer = Answer()
    let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
      throw Wire.Broken(description: "no answer: \(lines[0])")
    }
    answer.status = status
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { throw Wire.Broken(description: "no header: \(line)") }
      answer.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    let start = end + blank.count
    let count = isHead ? 0 : Int(answer.headers["content-length"] ?? "0") ?? 0
    guard bytes.count >= start + count else { return nil }
    answer.body = Array(bytes[start..<(start + count)])
    bytes.removeFirst(start + count)
    return answer
  }
}

/// Runs what waits on a thread of its own.
func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
  }
}
