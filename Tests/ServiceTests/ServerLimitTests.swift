import Foundation
import Service
import Storage
import TestStores
import Testing

/// What a service does with clients that are slow, many, or gone, and at its end.
struct ServerLimitTests {
  @Test func slowHeadsAndBodiesAreGivenUp() async throws {
    try await withService(configured: {
      $0.limits.headerTime = .milliseconds(300)
      $0.limits.bodyTime = .milliseconds(300)
      $0.limits.idleTime = .milliseconds(300)
    }) { running in
      async let head = running.client { client throws -> Bool in
        client.send("GET /healthz HT")
        return client.waitForClose()
      }
      async let silent = running.client { $0.waitForClose() }
      async let idle = running.client { client throws -> Bool in
        let status = try client.ask("GET", "/healthz").status
        return status == 200 && client.waitForClose()
      }
      async let body = running.client { client throws -> Bool in
        client.send(
          "POST /v1/query HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            + "Content-Length: 100\r\n\r\n{")
        let answer = try client.answer()
        #expect(answer.status == 408 && answer.code == "timeout")
        return client.waitForClose()
      }
      let areClosed = try await [head, silent, idle, body]
      #expect(areClosed == [true, true, true, true])
      let status = try await running.client { try $0.ask("GET", "/healthz").status }
      #expect(status == 200)
    }
  }

  @Test func whoNeverReadsHoldsNothing() async throws {
    // A megabyte and more: more than a socket takes.
    let rows = (0..<60_000).map { Int64($0 % 3000) }
    try await withService(configured: {
      $0.limits.stallTime = .milliseconds(500)
      $0.limits.memoryBytes = 8 << 20
    }) { running in
      let stalled = try await running.client { client -> Bool in
        client.request(
          "POST", "/v1/tables/plain/rows", headers: ["Content-Type: application/octet-stream"],
          body: PlainClient.bytes(rows))
        Thread.sleep(forTimeInterval: 1.5)
        // What is left is no whole answer.
        return (try? client.answer()) == nil
      }
      #expect(stalled)
      try await running.client { client in
        let metrics = try client.ask("GET", "/metrics").text
        let used = metrics.split(separator: "\n").last {
          $0.hasPrefix("engram_request_memory_bytes ")
        }
        #expect(used == "engram_request_memory_bytes 0")
      }
    }
  }

  @Test func connectionsBeyondTheLimitAreClosed() async throws {
    try await withService(configured: { $0.limits.connections = 3 }) { running in
      try await running.client { first in
        #expect(try first.ask("GET", "/healthz").status == 200)
        let others = try (0..<2).map { _ in try PlainClient(running.address) }
        for other in others { #expect(try other.ask("GET", "/healthz").status == 200) }
        let beyond = try PlainClient(running.address)
        beyond.request("GET", "/healthz")
        #expect(beyond.waitForClose())
        #expect(try first.ask("GET", "/healthz").status == 200)
        withExtendedLifetime(others) {}
      }
      // Their places are free again.
      try await running.client { client in
        var isServed = false
        for _ in 0..<100 where !isServed {
          isServed = (try? PlainClient(running.address).ask("GET", "/healthz").status) == 200
          if !isServed { Thread.sleep(forTimeInterval: 0.05) }
        }
        #expect(isServed)
      }
    }
  }

  @Test func requestsBeyondTheLimitAreToldToWait() async throws {
    try await withService(configured: { $0.limits.requests = 1 }) { running in
      try await running.client { holding in
        // Let in by its head, and its body takes its time.
        holding.send(
          "POST /v1/query HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            + "Content-Length: 2\r\n\r\n{")
        Thread.sleep(forTimeInterval: 0.3)
        let other = try PlainClient(running.address)
        let refused = try other.ask("GET", "/v1/tables")
        #expect(refused.status == 503 && refused.code == "busy")
        #expect(refused.headers["retry-after"] == "1")
        #expect(try other.ask("GET", "/healthz").status == 200)
        holding.send("}")
        #expect(try holding.answer().status == 400)
        #expect(try other.ask("GET", "/v1/tables").status == 200)
      }
    }
  }

  @Test func memoryBeyondTheLimitIsRefused() async throws {
    try await withService(configured: { $0.limits.memoryBytes = 64 << 10 }) { running in
      try await running.client { client in
        let refused = try client.rows("plain", Array(repeating: 1, count: 1000))
        #expect(refused.status == 503 && refused.code == "busy")
        #expect(try client.rows("plain", [1]).status == 200)
      }
    }
  }

  @Test func whatIsPublishedIsSeenAndWhatIsNamedStays() async throws {
    let served = try ServedStore()
    try await withService(served) { running in
      let made: @Sendable (UInt64) -> [UInt8] = { seed in
        MadeRows(rowBytes: 2 * ServedStore.dimension, seed: seed).bytes(of: 42)
      }
      #expect(try await running.client { try $0.rows("plain", [42]).body } == made(0))
      try ServedStore.publishPlain(in: Store(path: served.path, mode: .writing), seed: 5)
      try await running.client { client in
        var answer = try client.rows("plain", [42])
        for _ in 0..<200 where answer.headers["engram-table"] == "plain@1" {
          #expect(answer.body == made(0))
          Thread.sleep(forTimeInterval: 0.02)
          answer = try client.rows("plain", [42])
        }
        #expect(answer.headers["engram-table"] == "plain@2" && answer.body == made(5))
        #expect(try client.rows("plain@1", [42]).body == made(0))
      }
    }
  }

  @Test func aDamagedRowIsNotServedAndCounted() async throws {
    let served = try ServedStore()
    let needle = MadeRows(rowBytes: 2 * ServedStore.dimension).bytes(of: 1234)
    var flipped = 0
    let files = FileManager.default.enumerator(atPath: served.path + "/tables")!
    for case let name as String in files where name.hasSuffix(".sst") {
      let path = served.path + "/tables/" + name
      var data = try Data(contentsOf: URL(filePath: path))
      guard let range = data.firstRange(of: needle) else { continue }
      data[range.lowerBound + 3] ^= 1
      try data.write(to: URL(filePath: path))
      flipped += 1
    }
    #expect(flipped == 1)
    try await withService(served) { running in
      try await running.client { client in
        let refused = try client.rows("plain", [0, 1234])
        #expect(refused.status == 500 && refused.code == "corrupt")
        #expect(try client.rows("plain", [1233, 1235]).status == 200)
        let metrics = try client.ask("GET", "/metrics").text
        #expect(metrics.contains("engram_checksum_failures_total{table=\"plain\"} 1\n"))
      }
    }
  }

  @Test func whatWasAcceptedIsAnsweredAtTheEnd() async throws {
    let running = try await RunningService.start()
    async let answered = running.client { client -> Int in
      client.send(
        "POST /v1/tables/plain/rows HTTP/1.1\r\nHost: t\r\nContent-Length: 8\r\n"
          + "Content-Type: application/octet-stream\r\n\r\n\0\0")
      Thread.sleep(forTimeInterval: 0.6)
      client.send([UInt8](repeating: 0, count: 6))
      return try client.answer().body.count
    }
    try await Task.sleep(for: .milliseconds(300))
    try await running.stop()
    #expect(try await answered == 2 * ServedStore.dimension)
    await #expect(throws: PlainClient.Failure.self) {
      try await running.client { _ in }
    }
  }
}
