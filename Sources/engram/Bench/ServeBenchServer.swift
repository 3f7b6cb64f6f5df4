import Foundation

/// `engram serve` as a child that listens on a socket in a folder of the benchmark's.
final class ServeBenchServer {
  let socketPath: String
  private let process: pid_t

  /// Starts it and waits until it listens.
  ///
  /// - Throws: `CommandError` where it cannot be started or ends at once.
  init(store: String, folder: String) throws {
    socketPath = folder + "/socket"
    // Its own group: Ctrl-C asks the benchmark, and the benchmark ends the child.
    let (process, output) = try ChildProcess.start(
      [
        ChildProcess.ownPath, "serve", "--listen", "unix:" + socketPath, "--store", store,
        "--log-level", "error",
      ], hasOwnGroup: true)
    defer { close(output) }
    self.process = process
    guard Self.says("listening on", output) else {
      stop()
      throw CommandError("engram serve did not start")
    }
  }

  /// Ends it in order, and waits.
  func stop() {
    kill(process, SIGTERM)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }

  private static func says(_ words: String, _ descriptor: Int32) -> Bool {
    var said: [UInt8] = []
    var byte: UInt8 = 0
    while said.count < 1024 {
      let count = read(descriptor, &byte, 1)
      if count < 0, errno == EINTR, !Interruption.isAsked { continue }
      guard count == 1, byte != UInt8(ascii: "\n") else { break }
      said.append(byte)
    }
    return String(decoding: said, as: UTF8.self).hasPrefix(words)
  }
}
