import Synchronization

/// What the service counts, for `/metrics`.
public final class ServiceMetrics: Sendable {
  /// Requests that are being answered.
  public let inFlight = Atomic(0)
  /// Connections that are open.
  public let connections = Atomic(0)

  public init() {}

  /// Counts a gather.
  public func recordGather(
    table: String, rows: Int, bytes: Int, seconds: Double, coldPages: Int
  ) {}

  /// Counts an answered request.
  public func recordRequest(route: String, method: String, status: Int, seconds: Double) {}

  /// Counts a row that did not match its checksum.
  public func recordChecksumFailure(table: String) {}
}
