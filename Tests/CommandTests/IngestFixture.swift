import Files
import Foundation
import TestCheckpoints
import Testing

/// A folder of sources and a store beside it.
struct IngestFixture {
  let scratch: ScratchFolder
  var sources: String { scratch("sources") }
  var store: String { scratch("store") }

  init() throws {
    scratch = try ScratchFolder()
    try DurableFile.createFolder(sources)
  }

  /// Writes a source; returns its path.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = sources + "/" + name
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

  /// Runs a shell command in the folder of sources; it must succeed.
  func shell(_ command: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: sources)
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(command)")
  }

  private func arguments(_ paths: [String], _ options: [String]) -> [String] {
    ["ingest"] + (paths.isEmpty ? [sources] : paths) + ["--dataset", "d", "--store", store]
      + options
  }

  func ingest(_ paths: String..., options: [String] = []) throws -> EngramProcess.Outcome {
    try engram(arguments(paths, options))
  }

  /// An ingest that must succeed; what it reports.
  @discardableResult
  func succeed(
    _ paths: String..., options: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [String: Any] {
    let outcome = try expectSuccess(
      arguments(paths, options + ["--format", "json"]), sourceLocation: sourceLocation)
    return try #require(try outcome.objects().first)
  }

  func start(
    _ paths: String..., options: [String] = [], prelude: String? = nil
  ) throws
    -> EngramProcess
  {
    try EngramProcess(arguments(paths, options), prelude: prelude)
  }

  /// The documents of a dataset as its export has them.
  func documents(_ name: String = "d") throws -> [[String: Any]] {
    try expectSuccess([
      "dataset", "export", name, "--to", "-", "--format", "jsonl", "--store", store,
    ]).objects()
  }
}
