import Foundation
import Testing

@testable import Service

/// What the service counts, and how it tells it.
struct ServiceMetricsTests {
  private func samples(_ text: String) -> [String: Double] {
    var found: [String: Double] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " ") else { continue }
      found[String(line[..<space])] = Double(line[line.index(after: space)...])
    }
    return found
  }

  @Test func gathersAreCountedByTable() {
    let metrics = ServiceMetrics()
    metrics.recordGather(table: "a", rows: 10, bytes: 640, seconds: 0.0002, coldPages: 3)
    metrics.recordGather(table: "a", rows: 5, bytes: 320, seconds: 20, coldPages: 0)
    metrics.recordGather(table: "b", rows: 1, bytes: 64, seconds: .nan, coldPages: -4)
    let found = samples(metrics.exposition(memoryBytes: 0, refreshes: 0))
    #expect(found["engram_rows_total{table=\"a\"}"] == 15)
    #expect(found["engram_row_bytes_total{table=\"a\"}"] == 960)
    #expect(found["engram_cold_pages_total{table=\"a\"}"] == 3)
    #expect(found["engram_cold_pages_total{table=\"b\"}"] == 0)
    #expect(found["engram_gather_seconds_bucket{table=\"a\",le=\"0.0001\"}"] == 0)
    #expect(found["engram_gather_seconds_bucket{table=\"a\",le=\"0.00025\"}"] == 1)
    #expect(found["engram_gather_seconds_bucket{table=\"a\",le=\"10.0\"}"] == 1)
    #expect(found["engram_gather_seconds_bucket{table=\"a\",le=\"+Inf\"}"] == 2)
    #expect(found["engram_gather_seconds_count{table=\"a\"}"] == 2)
    #expect(abs((found["engram_gather_seconds_sum{table=\"a\"}"] ?? 0) - 20.0002) < 1e-6)
  }

  @Test func labelsOfAnyTextAreOneLine() {
    let metrics = ServiceMetrics()
    metrics.recordChecksumFailure(table: "a\"b\\c\nd")
    let text = metrics.exposition(memoryBytes: 0, refreshes: 0)
    #expect(text.contains(#"engram_checksum_failures_total{table="a\"b\\c\nd"} 1"# + "\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") || $0.last!.isNumber })
  }

  @Test func endlessLabelsCountTogether() {
    let metrics = ServiceMetrics()
    for index in 0..<5000 {
      metrics.recordRequest(route: "r\(index)", method: "M\(index)", status: 200, seconds: 0)
    }
    let found = samples(metrics.exposition(memoryBytes: 0, refreshes: 0))
      .filter { $0.key.hasPrefix("engram_requests_total{") }
    #expect(found.count == 512)
    #expect(found.values.reduce(0, +) == 5000)
    let other = "engram_requests_total{route=\"other\",method=\"other\",status=\"other\"}"
    #expect(found[other] == Double(5000 - 511))
  }

  @Test func manyThreadsLoseNothing() async {
    let metrics = ServiceMetrics()
    await withTaskGroup(of: Void.self) { group in
      for thread in 0..<8 {
        group.addTask {
          for _ in 0..<2000 {
            metrics.recordGather(
              table: "t\(thread % 3)", rows: 2, bytes: 8, seconds: 0.001, coldPages: 1)
          }
        }
      }
    }
    let found = samples(metrics.exposition(memoryBytes: 0, refreshes: 0))
    let rows = (0..<3).map { found["engram_rows_total{table=\"t\($0)\"}"] ?? 0 }
    #expect(rows.reduce(0, +) == 32_000)
    let counts = (0..<3).map { found["engram_gather_seconds_count{table=\"t\($0)\"}"] ?? 0 }
    #expect(counts.reduce(0, +) == 16_000)
  }

  @Test func theProcessIsDescribed() throws {
    let found = samples(ServiceMetrics().exposition(memoryBytes: 77, refreshes: 3))
    #expect(found["engram_request_memory_bytes"] == 77)
    #expect(found["engram_store_refreshes_total"] == 3)
    #expect(try #require(found["process_resident_memory_bytes"]) > 1_048_576)
    #expect(try #require(found["process_open_fds"]) > 2)
    #expect(try #require(found["process_start_time_seconds"]) > 1.7e9)
  }
}

/// How many connections a process may have.
struct DescriptorLimitTests {
  @Test func connectionsLeaveRoomForFiles() {
    #expect(DescriptorLimit.connections(wished: 16_384, descriptors: 20_000) == 16_384)
    #expect(DescriptorLimit.connections(wished: 16_384, descriptors: 1024) == 512)
    #expect(DescriptorLimit.connections(wished: 16_384, descriptors: 100) == 1)
    #expect(DescriptorLimit.connections(wished: 5, descriptors: 1024) == 5)
    let raised = DescriptorLimit.raise()
    #expect(raised >= 1024 && raised == DescriptorLimit.raise())
  }
}
