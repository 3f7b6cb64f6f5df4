import Foundation
import Service

/// HTTP by hand over a blocking socket: it can send what no library would. Waits at most 20 seconds.
final class PlainClient {
  /// What came back.
  struct Answer {
    var status = 0
    var headers: [String: String] = [:]
    var body: [UInt8] = []

    var text: String { String(decoding: body, as: UTF8.self) }
    /// The code of an error.
    var code: String {
      let json = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
      return (json?["error"] as? [String: Any])?["code"] as? String ?? ""
    }
  }

  enum Failure: Error {
    case cannotConnect
    case closed
    case notHTTP(String)
  }

  private let socket: Int32
  private var read: [UInt8] = []

  init(_ address: ListenAddress) throws {
    switch address {
    case .unix(let path):
      socket = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var name = sockaddr_un()
      name.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
      try Self.connect(socket, &name)
    case .tcp(_, let port):
      socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = in_port_t(port).bigEndian
      name.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
      try Self.connect(socket, &name)
    }
    var time = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { Foundation.close(socket) }

  private static func connect<Name>(_ socket: Int32, _ name: inout Name) throws {
    let result = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(socket, $0, socklen_t(MemoryLayout<Name>.size))
      }
    }
    guard result == 0 else { throw Failure.cannotConnect }
  }

  /// Sends bytes; `false` where the other side takes no more.
  @discardableResult
  func send(_ bytes: some Sequence<UInt8>) -> Bool {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Foundation.send(socket, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(text.utf8) }

  /// Sends a whole request.
  func request(
    _ method: String, _ path: String, headers: [String] = [], body: [UInt8]? = nil
  ) {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: test\r\n"
    for header in headers { head += header + "\r\n" }
    if let body { head += "Content-Length: \(body.count)\r\n" }
    send(Array((head + "\r\n").utf8) + (body ?? []))
  }

  /// One request and its answer.
  func ask(
    _ method: String, _ path: String, headers: [String] = [], body: [UInt8]? = nil
  ) throws -> Answer {
    request(method, path, headers: headers, body: body)
    return try answer(hasBody: method != "HEAD")
  }

  /// Rows by number, raw.
  func rows(
    _ table: String, _ rows: [Int64], query: String = "", match: String? = nil
  ) throws
    -> Answer
  {
    try ask(
      "POST", "/v1/tables/\(table)/rows\(query)",
      headers: ["Content-Type: application/octet-stream"]
        + (match.map { ["If-Match: \"\($0)\""] } ?? []),
      body: Self.bytes(rows))
  }

  /// A JSON request.
  func json(_ path: String, _ text: String) throws -> Answer {
    try ask("POST", path, headers: ["Content-Type: application/json"], body: Array(text.utf8))
  }

  static func bytes<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
    numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
  }

  /// Reads more; `false` at the end.
  private func more() -> Bool {
    var piece = [UInt8](repeating: 0, count: 65_536)
    let count = recv(socket, &piece, piece.count, 0)
    guard count > 0 else { return false }
    read += piece[..<count]
    return true
  }

  /// Waits until the other side closes, whatever it still sends.
  func waitForClose() -> Bool {
    while more() { read.removeAll() }
    return errno != EAGAIN
  }

  /// The next answer.
  func answer(hasBody: Bool = true) throws -> Answer {
    let head = try until("\r\n\r\n")
    var answer = Answer()
    let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
      throw Failure.notHTTP(lines[0])
    }
    answer.status = status
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      answer.headers[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    guard hasBody, status != 204 else { return answer }
    if let length = answer.headers["content-length"].flatMap({ Int($0) }) {
      while read.count < length { guard more() else { throw Failure.closed } }
      answer.body = Array(read[..<length])
      read.removeFirst(length)
    } else if answer.headers["transfer-encoding"] == "chunked" {
      while true {
        let size = Int(String(decoding: try until("\r\n"), as: UTF8.self), radix: 16) ?? 0
        while read.count < size + 2 { guard more() else { throw Failure.closed } }
        answer.body += read[..<size]
        read.removeFirst(size + 2)
        if size == 0 { break }
      }
    }
    return answer
  }

  private func until(_ end: String) throws -> [UInt8] {
    let end = Array(end.utf8)
    while true {
      if let range = read.firstRange(of: end) {
        let found = Array(read[..<range.lowerBound])
        read.removeFirst(range.upperBound)
        return found
      }
      guard more() else { throw Failure.closed }
    }
  }
}
