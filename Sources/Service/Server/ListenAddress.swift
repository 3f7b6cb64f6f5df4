import Foundation

/// Where a service listens.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// A socket in the file system.
  case unix(String)
  /// A host's name or address and a port; 0 for any that is free.
  case tcp(host: String, port: Int)

  /// The longest path of a socket, in bytes.
  public static let longestPath = 107

  /// Reads `unix:PATH`, `HOST:PORT` or `[IPV6]:PORT`.
  ///
  /// - Throws: `ConfigurationError`.
  public init(parsing text: String) throws(ConfigurationError) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard !path.isEmpty, !path.utf8.contains(0) else { throw .badAddress(text) }
      guard path.utf8.count <= Self.longestPath else {
        throw .badSocketPath(
          path: path, reason: "its name has more than \(Self.longestPath) bytes")
      }
      self = .unix(path)
      return
    }
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...])
    else { throw .badAddress(text) }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw .badAddress(text)
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 47 }) else {
      throw .badAddress(text)
    }
    self = .tcp(host: String(host), port: Int(port))
  }

  /// Whether only this machine reaches it.
  public var isLoopback: Bool {
    switch self {
    case .unix: return true
    case .tcp(let host, _):
      if host.lowercased() == "localhost" { return true }
      var four = in_addr()
      if inet_pton(AF_INET, host, &four) == 1 { return UInt32(bigEndian: four.s_addr) >> 24 == 127 }
      var six = in6_addr()
      guard inet_pton(AF_INET6, host, &six) == 1 else { return false }
      return withUnsafeBytes(of: &six) { bytes in
        bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
      }
    }
  }

  /// As it is written.
  public var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
  }
}
