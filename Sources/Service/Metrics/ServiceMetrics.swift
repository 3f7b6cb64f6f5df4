import ContextStore
import Foundation
import MemoryTables
import Serving
import Synchronization

/// What the service counts, for `/metrics`. Safe to use from any number of threads at once: a record
/// takes a short lock to find its series, and atomic additions.
public final class ServiceMetrics: Sendable {
  /// Requests that are being answered.
  public let inFlight = Atomic(0)
  /// Connections that are open.
  public let connections = Atomic(0)

  private let rows = SeriesFamily(labels: ["table"]) { Counter() }
  private let rowBytes = SeriesFamily(labels: ["table"]) { Counter() }
  private let gathers = SeriesFamily(labels: ["table"]) { Histogram() }
  private let coldPages = SeriesFamily(labels: ["table"]) { Counter() }
  private let checksumFailures = SeriesFamily(labels: ["table"]) { Counter() }
  private let samples = SeriesFamily(labels: ["dataset"]) { Counter() }
  private let sampleBytes = SeriesFamily(labels: ["dataset"]) { Counter() }
  private let requests = SeriesFamily(labels: ["route", "method", "status"]) { Counter() }
  private let answers = SeriesFamily(labels: ["route"]) { Histogram() }
  private let started = Date().timeIntervalSince1970

  /// Nothing counted yet.
  public init() {}

  /// Counts a gather.
  ///
  /// - Parameters:
  ///   - table: the table's name.
  ///   - bytes: of the rows as they are answered.
  ///   - coldPages: pages that had to come from the disk meanwhile.
  public func recordGather(table: String, rows: Int, bytes: Int, seconds: Double, coldPages: Int) {
    self.rows(table).add(rows)
    rowBytes(table).add(bytes)
    self.coldPages(table).add(coldPages)
    gathers(table).record(seconds: seconds)
  }

  /// Counts an answered request.
  ///
  /// - Parameter route: the route's pattern, not the path; empty where there is none.
  public func recordRequest(route: String, method: String, status: Int, seconds: Double) {
    let route = route.isEmpty ? "none" : route
    requests(route, Self.methods.contains(method) ? method : "other", "\(status)").add(1)
    answers(route).record(seconds: seconds)
  }

  /// Counts a row that did not match its checksum.
  public func recordChecksumFailure(table: String) { checksumFailures(table).add(1) }

  /// Counts what a request failed with, where that is counted.
  func recordFailure(_ error: any Error) {
    guard case .corruptRow(let table, _, _, _, _, _, _)? = error as? TableError else { return }
    recordChecksumFailure(table: table)
  }

  /// Counts samples that were read.
  func recordSamples(dataset: String, samples: Int, bytes: Int) {
    self.samples(dataset).add(samples)
    sampleBytes(dataset).add(bytes)
  }

  /// Methods that are named; clients may invent others.
  private static let methods: Set<String> = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT",
  ]

  /// All of it in Prometheus' text format.
  ///
  /// - Parameters:
  ///   - memoryBytes: that requests use now.
  ///   - refreshes: how often the store was seen to have changed.
  ///   - contexts: what the context store says of itself, where there is one.
  func exposition(
    memoryBytes: Int, refreshes: Int, contexts: ContextStatistics? = nil
  ) -> String {
    var out = Exposition()
    out.begin("engram_build_info", "gauge", "The release that runs; always 1.")
    out.sample("engram_build_info", [("version", Release.version)], "1")
    out.counters("engram_rows_total", "Rows that were served.", rows)
    out.counters("engram_row_bytes_total", "Bytes of these rows, as they were answered.", rowBytes)
    out.histograms(
      "engram_gather_seconds", "How long gathering the rows of a request took.", gathers)
    out.counters(
      "engram_cold_pages_total", "Pages of tables that had to come from the disk.", coldPages)
    out.counters(
      "engram_checksum_failures_total",
      "Rows that did not match their checksum and were not served.",
      checksumFailures)
    out.counters("engram_samples_total", "Samples of datasets that were served.", samples)
    out.counters("engram_sample_bytes_total", "Bytes of these samples.", sampleBytes)
    out.counters("engram_requests_total", "Requests that were answered.", requests)
    out.histograms("engram_request_seconds", "How long requests took to answer.", answers)
    out.one(
      "engram_requests_in_flight", "gauge", "Requests that are being answered.",
      "\(inFlight.load(ordering: .relaxed))")
    out.one(
      "engram_connections", "gauge", "Connections that are open.",
      "\(connections.load(ordering: .relaxed))")
    out.one(
      "engram_request_memory_bytes", "gauge", "Bytes that requests and their answers use.",
      "\(memoryBytes)")
    out.one(
      "engram_store_refreshes_total", "counter", "How often the store was seen to have changed.",
      "\(refreshes)")
    if let contexts { out.add(contexts) }
    add(ProcessFigures(), to: &out)
    return out.text
  }

  private func add(_ process: ProcessFigures, to out: inout Exposition) {
    out.one(
      "process_cpu_seconds_total", "counter", "Time on processors.", "\(process.processorSeconds)")
    out.one(
      "process_start_time_seconds", "gauge", "When the process began, since 1970.", "\(started)")
    let gauges = [
      (
        "process_resident_memory_bytes", "Bytes in memory, mapped files too.", process.residentBytes
      ),
      ("process_private_memory_bytes", "Those of them that are of no file.", process.privateBytes),
      ("process_open_fds", "Open files and sockets.", process.descriptors),
      ("process_max_fds", "How many there may be.", process.mostDescriptors),
    ]
    for case (let name, let help, let value?) in gauges { out.one(name, "gauge", help, "\(value)") }
  }
}
