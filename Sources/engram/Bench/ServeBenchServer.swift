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
    var descriptors: [Int32] = [0, 0]
    guard pipe(&descriptors) == 0 else { throw CommandError("cannot make a pipe") }
    defer { close(descriptors[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, descriptors[1], STDOUT_FILENO)
    posix_spawn_file_actions_addclose(&actions, descriptors[0])
    posix_spawn_file_actions_addclose(&actions, descriptors[1])
    // Its own group: Ctrl-C asks the benchmark, and the benchmark ends the child.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    let arguments = [
      ChildProcess.ownPath, "serve", "--listen", "unix:" + socketPath, "--store", store,
      "--log-level", "error",
    ]
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, arguments[0], &actions, &attributes, &words, environ)
    close(descriptors[1])
    guard code == 0 else {
      throw CommandError("cannot run \(arguments[0]): \(String(cString: strerror(code)))")
    }
    self.process = process
    guard Self.says("listening on", descriptors[0]) else {
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
