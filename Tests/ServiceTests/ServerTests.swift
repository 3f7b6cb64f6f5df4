import Foundation
import MemoryTables
import Service
import Serving
import Storage
import TestStores
import Testing

/// The service as clients meet it, over real sockets. What the routes answer is also compared, call by
/// call, with the store in process by the tests of the Python client.
struct ServerTests {
  private let plain = MadeRows(rowBytes: 2 * ServedStore.dimension)

  private func expected(_ rows: [Int64], seed: UInt64 = 0) -> [UInt8] {
    let made = MadeRows(rowBytes: plain.rowBytes, seed: seed)
    return rows.flatMap { made.bytes(of: Int($0)) }
  }

  @Test func rowsComeWithTheirVersion() async throws {
    let rows: [Int64] = [7, 0, 2999, 7]
    try await withService { running in
      let identity = try OpenTable("plain", in: Store(path: running.served.path, mode: .reading))
        .manifest.identity
      try await running.client { client in
        let answer = try client.rows("plain", rows)
        #expect(answer.status == 200)
        #expect(answer.body == expected(rows))
        #expect(answer.headers["engram-table"] == "plain@1")
        #expect(answer.headers["etag"] == "\"\(identity)\"")
        #expect(answer.headers["engram-rows"] == "4")
        #expect(answer.headers["engram-row-bytes"] == "128")
        #expect(try client.rows("plain@1", rows, match: identity).body == answer.body)
        let other = try client.rows("plain", rows, match: String(repeating: "0", count: 64))
        #expect(other.status == 409 && other.code == "conflict")
        // The connection goes on after each refusal.
        let outside = try client.rows("plain", [0, 3000])
        #expect(outside.status == 422 && outside.code == "out_of_range")
        #expect(try client.rows("nothing", rows).code == "not_found")
        #expect(try client.rows("plain", rows).body == answer.body)
      }
    }
  }

  @Test func largeAnswersComeInPiecesThatAreWhole() async throws {
    let rows = (0..<30_000).map { Int64($0 * 7919 % 3000) }
    try await withService { running in
      try await running.client { client in
        let answer = try client.rows("plain", rows)
        #expect(answer.status == 200 && answer.body == expected(rows))
        #expect(answer.headers["content-length"] == "\(128 * 30_000)")
      }
    }
  }

  @Test func requestsInOneGoAreAnsweredInTheirOrder() async throws {
    try await withService { running in
      try await running.client { client in
        for row in 0..<20 {
          client.request(
            "POST", "/v1/tables/plain/rows", headers: ["Content-Type: application/octet-stream"],
            body: PlainClient.bytes([Int64(row)]))
        }
        for row in 0..<20 {
          let answer = try client.answer()
          #expect(answer.body == expected([Int64(row)]))
        }
      }
    }
  }

  @Test func aBodyInChunksIsABody() async throws {
    try await withService(configured: { $0.limits.bodyBytes = 4096 }) { running in
      try await running.client { client in
        let head =
          "POST /v1/tables/plain/rows HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n"
          + "Content-Type: application/octet-stream\r\n\r\n"
        client.send(head)
        for row in [5, 6] as [Int64] {
          client.send("8\r\n")
          client.send(PlainClient.bytes([row]) + Array("\r\n".utf8))
        }
        client.send("0\r\n\r\n")
        #expect(try client.answer().body == expected([5, 6]))
        // Without an end: refused when it is too long, not kept.
        client.send(head)
        var sent = 0
        while sent < 1000, client.send(Array("400\r\n".utf8) + [UInt8](repeating: 0, count: 1024)) {
          client.send("\r\n")
          sent += 1
          if sent == 8 { break }
        }
        let refused = try client.answer()
        #expect(refused.status == 413 && refused.code == "too_large")
      }
    }
  }

  @Test func whatIsTooLargeIsRefused() async throws {
    try await withService(configured: {
      $0.limits.bodyBytes = 1024
      $0.limits.rows = 100
    }) { running in
      try await running.client { client in
        let many = try client.rows("plain", Array(repeating: 0, count: 101))
        #expect(many.status == 413 && many.text.contains("101 rows are asked for"))
      }
      try await running.client { client in
        // By its announcement, before it is sent.
        client.send(
          "POST /v1/tables/plain/rows HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000000000\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n")
        let answer = try client.answer()
        #expect(answer.status == 413)
      }
    }
  }

  @Test func pathsAndMethodsThatAreNotThereAreSaid() async throws {
    try await withService { running in
      try await running.client { client in
        let nothing = try client.ask("GET", "/v2/none")
        #expect(nothing.status == 404 && nothing.text.contains("/openapi.yaml"))
        let wrong = try client.ask("DELETE", "/v1/tables")
        #expect(wrong.status == 405 && wrong.headers["allow"] == "GET, HEAD")
        #expect(try client.ask("HEAD", "/v1/tables").status == 200)
        #expect(try client.json("/v1/query", "{}").text.contains("datasets"))
        let typed = try client.ask(
          "POST", "/v1/query", headers: ["Content-Type: text/plain"], body: Array("{}".utf8))
        #expect(typed.status == 415)
        #expect(try client.ask("GET", "/v1/tables/%ff%fe").status == 400)
        let name = String(repeating: "n", count: 5000)
        #expect((400..<500).contains(try client.ask("GET", "/v1/tables/\(name)").status))
        #expect(try client.ask("GET", "/healthz").text == "ok\n")
        #expect(try client.ask("GET", "/readyz").text == "ready\n")
      }
    }
  }

  @Test(arguments: [
    "\0\u{1}\u{2}garbage\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\r\n\r\n\r\n\r\n",
    "POST /v1/query HTTP/1.1\r\nHost: t\r\nContent-Length: nonsense\r\n\r\n",
    "POST /v1/query HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n",
    "POST /v1/query HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    "POST /v1/query HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    "POST /v1/query HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    "GET / HTTP/1.1\r\nHost: t\r\nX: " + String(repeating: "y", count: 100_000) + "\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: t\r\n" + String(repeating: "X: y\r\n", count: 5000) + "\r\n",
    "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}",
  ])
  func garbageEndsItsConnectionAlone(garbage: String) async throws {
    try await withService(configured: { $0.limits.headerTime = .milliseconds(300) }) { running in
      let isClosed = try await running.client { client in
        client.send(garbage)
        return client.waitForClose()
      }
      #expect(isClosed)
      try await running.client { client in
        let answer = try client.rows("plain", [1])
        #expect(answer.body == expected([1]))
      }
    }
  }
}
