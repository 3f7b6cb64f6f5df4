import Files
import Foundation
import TestCheckpoints
import Testing

/// The built command, run as people run it: a process of its own.
struct EngramProcess {
  /// How it ended and what it printed.
  struct Outcome {
    var status: Int32
    var isCrash: Bool
    var output: [UInt8]
    var errors: String

    var text: String { String(decoding: output, as: UTF8.self) }
    var lines: [Substring] { text.split(separator: "\n") }

    /// Standard output as JSON objects, one a line.
    func objects() throws -> [[String: Any]] {
      try lines.map {
        try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
    }
  }

  /// The binary beside the test bundle.
  static let path: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("engram")
      .path
  }()

  private let process = Process()
  private let scratch: ScratchFolder

  /// Starts a command; `prelude` is shell text that runs before it, in its process.
  init(
    _ arguments: [String], prelude: String? = nil, output: String? = nil,
    environment: [String: String] = [:]
  ) throws {
    scratch = try ScratchFolder()
    if let prelude {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "\(prelude); exec \"$0\" \"$@\"", Self.path] + arguments
    } else {
      process.executableURL = URL(fileURLWithPath: Self.path)
      process.arguments = arguments
    }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.file(output ?? scratch("out"))
    process.standardError = try Self.file(scratch("err"))
    try process.run()
  }

  var processIdentifier: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  /// Waits for its end.
  func outcome() throws -> Outcome {
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, isCrash: process.terminationReason == .uncaughtSignal,
      output: DurableFile.size(of: scratch("out")) == nil
        ? [] : try DurableFile.read(scratch("out")),
      errors: String(decoding: try DurableFile.read(scratch("err")), as: UTF8.self))
  }

  private static func file(_ path: String) throws -> FileHandle {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError("create", path) }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }
}

/// Runs a command to its end.
func engram(_ arguments: [String]) throws -> EngramProcess.Outcome {
  try EngramProcess(arguments).outcome()
}

/// Runs a command that must succeed without a word on standard error.
@discardableResult
func expectSuccess(
  _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
) throws -> EngramProcess.Outcome {
  let outcome = try engram(arguments)
  #expect(outcome.status == 0 && !outcome.isCrash, sourceLocation: sourceLocation)
  #expect(outcome.errors == "", sourceLocation: sourceLocation)
  return outcome
}

/// Checks that a command failed as all must: no crash, the exit code, nothing on standard
/// output, one line on standard error that begins with "engram: " and holds all of `words`.
func expectFailure(
  _ outcome: EngramProcess.Outcome, code: Int32 = 1, _ words: [String] = [],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let errors = outcome.errors
  #expect(!outcome.isCrash && outcome.status == code, "\(errors)", sourceLocation: sourceLocation)
  #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
  #expect(
    errors.hasPrefix("engram: ") && errors.hasSuffix("\n")
      && errors.filter(\.isNewline).count == 1, "\(errors)", sourceLocation: sourceLocation)
  for word in words {
    #expect(errors.contains(word), "\(errors)", sourceLocation: sourceLocation)
  }
}
