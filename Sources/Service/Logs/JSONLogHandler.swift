import Foundation
import Logging
import Serving

/// Writes a log as one JSON object a line, to standard error.
public struct JSONLogHandler: LogHandler {
  /// The least that is written.
  public var logLevel = Logger.Level.info
  /// What every line has.
  public var metadata: Logger.Metadata = [:]

  /// A log of level info.
  public init() {}

  /// A detail of every line.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  private struct Line: Encodable {
    var time: String
    var level: String
    var message: String
    var details: [String: String]
  }

  /// Writes a line.
  public func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let line = Line(
      time: Date.now.formatted(.iso8601), level: event.level.rawValue,
      message: event.message.description, details: all.mapValues(\.description))
    guard var json = try? JSONBody.encode(line) else { return }
    json.append(10)
    // One write a line: lines of several threads do not mix.
    _ = json.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
