import Foundation
import TestCheckpoints
import TestStores
import Testing

@testable import Service

/// `engram serve` as people start it.
@Suite(.inAProcessOfItsOwn)
struct ServeCommandTests {
  /// The command, started.
  private final class Command: Sendable {
    private let process = Process()
    private let (output, errors) = (Pipe(), Pipe())

    /// The binary beside the test bundle.
    private static let path: String = {
      let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
      return URL(fileURLWithPath: own).deletingLastPathComponent().path + "/engram"
    }()

    init(_ arguments: [String], descriptors: Int? = nil) throws {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments =
        ["-c", (descriptors.map { "ulimit -n \($0); " } ?? "") + "exec \"$0\" \"$@\"", Self.path]
        + ["serve"] + arguments
      process.standardOutput = output
      process.standardError = errors
      try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// The line that says where it listens.
    func line() async throws -> String {
      try await onThread { [self] in
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 {
          line.append(byte)
        }
        return String(decoding: line, as: UTF8.self)
      }
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// How it ended, and what it wrote to standard error.
    func end() async throws -> (status: Int32, errors: String) {
      try await onThread { [self] in
        let text = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
      }
    }
  }

  /// The command, listening on a socket, and a connection to it.
  private func listening(_ path: String) async throws -> (Command, Wire) {
    let command = try Command([
      "--store", SharedStore.made.get().path, "--listen", "unix:" + path,
    ])
    #expect(try await command.line() == "listening on unix:" + path)
    return (command, try Wire(.unix(path)))
  }

  /// Waits until the service has read the head of a request: it has to answer it then.
  private func waitForRequest(_ path: String) async throws {
    let wire = try Wire(.unix(path))
    while try await !wire.ask("GET", "/metrics").text.contains("engram_requests_in_flight 2\n") {
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func aSignalEndsItWhenAllIsAnswered(signal: Int32) async throws {
    let scratch = try ScratchFolder()
    let path = scratch("s")
    let (command, wire) = try await listening(path)
    let request = Wire.request(
      "POST", "/v1/tables/plain/rows", ["Content-Type": "application/octet-stream"],
      body: bytes([7]))
    try await wire.send(request)
    #expect(try await wire.answer().body == MadeRows(rowBytes: 128).bytes(of: 7))
    try await wire.send(request.dropLast(3))
    try await waitForRequest(path)
    command.signal(signal)
    while access(path, F_OK) == 0, (try? Wire(.unix(path))) != nil {
      try await Task.sleep(for: .milliseconds(20))
    }
    try await wire.send(request.suffix(3))
    #expect(try await wire.answer().body == MadeRows(rowBytes: 128).bytes(of: 7))
    let end = try await command.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(access(path, F_OK) != 0)
  }

  @Test func aSecondSignalEndsItAtOnce() async throws {
    let scratch = try ScratchFolder()
    let path = scratch("s")
    let (command, wire) = try await listening(path)
    try await wire.send(
      Array(
        Wire.request("POST", "/v1/query", ["Content-Type": "application/json"], body: [1, 2])
          .dropLast()))
    try await waitForRequest(path)
    command.signal(SIGTERM)
    while (try? Wire(.unix(path))) != nil { try await Task.sleep(for: .milliseconds(20)) }
    command.signal(SIGTERM)
    #expect(try await command.end().status == 128 + SIGTERM)
    #expect(access(path, F_OK) != 0)
  }

  @Test func itDoesNotListenToAllTheWorldByMistake() async throws {
    let path = try SharedStore.made.get().path
    let scratch = try ScratchFolder()
    let token = scratch("token")
    try Data("a-token-of-twenty-bytes\n".utf8).write(to: URL(fileURLWithPath: token))
    let context = scratch("context")
    for (arguments, word) in [
      (["--context", context, "--context-capacity", "much"], "--context-capacity"),
      (["--context", context, "--context-capacity", "1K"], "capacity"),
      (["--context", "/proc/nowhere"], "/proc/nowhere"),
      (["--listen", "0.0.0.0:0"], "--token-file"),
      (["--listen", "0.0.0.0:0", "--insecure"], "--token-file"),
      (["--listen", "0.0.0.0:0", "--token-file", token], "--insecure"),
      (["--listen", "nowhere"], "HOST:PORT"), (["--max-body", "much"], "--max-body"),
      (["--token-file", "/dev/null"], "/dev/null"),
      (["--listen", "unix:/nowhere/at/all"], "/nowhere/at/all"),
    ] {
      let end = try await Command(["--store", path] + arguments).end()
      #expect(end.status == 1, "\(arguments): \(end.errors)")
      #expect(end.errors.hasPrefix("engram: ") && end.errors.contains(word), "\(end.errors)")
      #expect(end.errors.split(separator: "\n").count == 1, "\(end.errors)")
    }
  }

  @Test func itTakesNoMoreConnectionsThanTheSystemGrants() async throws {
    let command = try Command(
      ["--store", SharedStore.made.get().path, "--listen", "127.0.0.1:0"], descriptors: 1000)
    #expect(try await command.line().hasPrefix("listening on 127.0.0.1:"))
    command.signal(SIGTERM)
    let end = try await command.end()
    #expect(end.status == 0)
    #expect(end.errors.contains("at most 488 connections"), "\(end.errors)")
  }
}
