import Files
import Foundation
import Logging
import Serving
import TestStores
import Testing

@testable import Service

/// A service that listens, on a free port of this machine where nothing else is said.
struct RunningService: Sendable {
  let service: EngramService
  let address: ListenAddress

  /// A connection to it.
  func connect(receiveBytes: Int32? = nil) throws -> Wire {
    try Wire(address, receiveBytes: receiveBytes)
  }

  /// Asks it on a connection of its own.
  func ask(
    _ method: String, _ path: String, _ headers: [String: String] = [:], body: [UInt8]? = nil
  ) async throws -> Answer {
    try await connect().ask(method, path, headers, body: body)
  }

  /// Posts bytes.
  func post(
    _ path: String, _ bytes: [UInt8], _ headers: [String: String] = [:]
  ) async throws -> Answer {
    let type = ["Content-Type": "application/octet-stream"]
    return try await ask("POST", path, type.merging(headers) { $1 }, body: bytes)
  }

  /// Posts JSON.
  func post(
    _ path: String, json: String, _ headers: [String: String] = [:]
  ) async throws -> Answer {
    let type = ["Content-Type": "application/json"]
    return try await ask("POST", path, type.merging(headers) { $1 }, body: Array(json.utf8))
  }

  /// The value of a series of `/metrics`.
  func metric(_ series: String) async throws -> Double? {
    let lines = try await ask("GET", "/metrics").text.split(separator: "\n")
    return lines.first { $0.hasPrefix(series + " ") }
      .flatMap { Double($0.dropFirst(series.utf8.count + 1)) }
  }

  /// Waits until something holds.
  func wait(
    _ what: Comment, seconds: Double = 10, sourceLocation: SourceLocation = #_sourceLocation,
    until condition: () async throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try await !condition() {
      guard ContinuousClock.now < deadline else {
        Issue.record("waited in vain: \(what)", sourceLocation: sourceLocation)
        return
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}

/// The store of tests that only read.
enum SharedStore {
  static let made: Result<ServedStore, any Error> = Result {
    let made = try ServedStore()
    // Nothing ends the life of a static value.
    atexit { try? DurableFile.remove(SharedStore.made.get().scratch.path) }
    return made
  }

  /// The store as it lies there, past the service.
  static func open() throws -> LiveStore { try LiveStore(path: made.get().path) }
}

/// Runs a service while `body` does, and ends it as a signal would.
///
/// - Parameters:
///   - store: the store's folder; the shared one where `nil`.
///   - change: makes another of the standard configuration.
func withService(
  store: String? = nil, listen: ListenAddress = .tcp(host: "127.0.0.1", port: 0),
  _ change: (inout ServiceConfiguration) -> Void,
  _ body: (RunningService) async throws -> Void
) async throws {
  let path = try store ?? SharedStore.made.get().path
  var configuration = ServiceConfiguration(
    store: path, listen: listen,
    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  configuration.limits.stopTime = .seconds(5)
  change(&configuration)
  let service = try EngramService(configuration)
  let (places, place) = AsyncStream<ListenAddress>.makeStream()
  let run = Task {
    defer { place.finish() }
    try await service.run { place.yield($0) }
  }
  var address: ListenAddress?
  for await found in places {
    address = found
    break
  }
  guard let address else {
    try await run.value
    throw Wire.Broken(description: "the service ends before it listens")
  }
  do {
    try await body(RunningService(service: service, address: address))
  } catch {
    await service.stop()
    _ = await run.result
    throw error
  }
  await service.stop()
  try await run.value
}

/// Runs a service of the standard configuration.
func withService(
  store: String? = nil, listen: ListenAddress = .tcp(host: "127.0.0.1", port: 0),
  _ body: (RunningService) async throws -> Void
) async throws {
  try await withService(store: store, listen: listen, { _ in }, body)
}

/// Numbers as they go over the wire: little-endian, one after another.
func bytes<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
  numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
}

/// Numbers as they came.
func numbers<Number: FixedWidthInteger>(_ bytes: [UInt8], as: Number.Type) -> [Number] {
  let size = MemoryLayout<Number>.size
  return (0..<(bytes.count / size)).map { index in
    bytes[(index * size)..<((index + 1) * size)].reversed().reduce(0) { $0 << 8 | Number($1) }
  }
}
