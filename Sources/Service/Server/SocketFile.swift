import Foundation

/// The file of a Unix socket: taken where nobody listens on it, the user's alone until it is given to
/// others, gone in the end.
struct SocketFile {
  let path: String
  private var identity: (device: UInt64, node: UInt64)?

  /// Makes way for a socket at `path`: removes one that nobody listens on.
  ///
  /// - Throws: `ConfigurationError` where somebody does, or where this is no socket.
  init(preparing path: String) throws(ConfigurationError) {
    self.path = path
    var status = stat()
    guard lstat(path, &status) == 0 else {
      guard errno == ENOENT else { throw Self.refused(path, errno) }
      return
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw .badSocketPath(path: path, reason: "there is a file that is no socket; remove it")
    }
    guard !Self.isListenedOn(path) else { throw .inUse(address: "unix:\(path)") }
    guard unlink(path) == 0 || errno == ENOENT else { throw Self.refused(path, errno) }
  }

  /// Gives the socket to whom it is for, and keeps in mind which one it is.
  ///
  /// - Parameter mode: who may ask, as `chmod` takes it.
  mutating func claim(mode: Int) {
    chmod(path, mode_t(mode & 0o777))
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    identity = (UInt64(status.st_dev), UInt64(status.st_ino))
  }

  /// Removes the socket, if it is still the one that was claimed.
  func remove() {
    var status = stat()
    guard let identity, lstat(path, &status) == 0, UInt64(status.st_dev) == identity.device,
      UInt64(status.st_ino) == identity.node
    else { return }
    unlink(path)
  }

  private static func refused(_ path: String, _ code: Int32) -> ConfigurationError {
    .badSocketPath(path: path, reason: String(cString: strerror(code)))
  }

  private static func isListenedOn(_ path: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { place in
      place.copyBytes(from: path.utf8.prefix(place.count - 1))
    }
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    // A full backlog is a listener too.
    return code == 0 || errno == EAGAIN || errno == EINPROGRESS
  }
}
