import SeededRandom
import TestStores
import Testing

@testable import Service

/// HTTP itself: several requests of a connection, methods, paths, and what is no HTTP at all.
@Suite(.inAProcessOfItsOwn)
struct WireTests {
  @Test func requestsOfOneWriteAreAnsweredInTheirOrder() async throws {
    let type = ["Content-Type": "application/octet-stream"]
    try await withService { service in
      let wire = try service.connect()
      var all: [UInt8] = []
      for row in 0..<20 {
        all += Wire.request("POST", "/v1/tables/plain/rows", type, body: bytes([row]))
        if row % 5 == 0 { all += Wire.request("GET", "/healthz") }
      }
      try await wire.send(all)
      for row in 0..<20 {
        #expect(try await wire.answer().body == MadeRows(rowBytes: 128).bytes(of: row))
        if row % 5 == 0 { #expect(try await wire.answer().text == "ok\n") }
      }
      // One that is refused does not end the others' connection.
      try await wire.send(
        Wire.request("POST", "/v1/tables/plain/rows", type, body: [1])
          + Wire.request("GET", "/nothing")
          + Wire.request("GET", "/healthz", ["Connection": "close"])
      )
      #expect(try await wire.answer().status == 400)
      #expect(try await wire.answer().status == 404)
      #expect(try await wire.answer().status == 200)
      #expect(try await wire.rest().isEmpty)
    }
  }

  @Test func whatIsReadCanBeAskedAboutWithoutItsBody() async throws {
    try await withService { service in
      let wire = try service.connect()
      for path in ["/healthz", "/v1/tables", "/v1/tables/plain", "/", "/openapi.yaml"] {
        let whole = try await wire.ask("GET", path)
        let head = try await wire.ask("HEAD", path)
        #expect(head.status == 200 && head.headers["content-length"] == "\(whole.body.count)")
        #expect(head.headers["content-type"] == whole.headers["content-type"])
        #expect(head.headers["etag"] == whole.headers["etag"])
      }
      // Refusals, too, those of paths that nobody can GET among them: a body behind their heads
      // would be the next request's answer.
      for (path, status) in [
        ("/v1/tables/nothing", 404), ("/nothing", 404), ("/v1/query", 405),
        ("/v1/tables/plain/rows", 405), ("/v1/contexts", 404),
      ] {
        #expect(try await wire.ask("HEAD", path).status == status)
        #expect(try await wire.ask("GET", "/healthz").text == "ok\n", "after HEAD \(path)")
      }
    }
  }

  @Test(arguments: [
    ("plain", "plain"), ("a%2Fb%40%e4%bd%a0", "a/b@你"), ("", ""), ("%00%0d", "\0\r"), ("+", "+"),
    ("%EF%BB%BFplain", "\u{FEFF}plain"), ("%", nil), ("a%2", nil), ("%zz", nil), ("%+1", nil),
    ("%c0%ae", nil), ("%ed%a0%80", nil), ("%f4%90%80%80", nil), ("%e4%bd", nil), ("%80", nil),
  ])
  func percentSignsStandForBytesOfText(encoded: String, text: String?) {
    #expect(encoded.percentDecoded.map { Array($0.utf8) } == text.map { Array($0.utf8) })
  }

  @Test(arguments: ["a\r\nb", "a\nb\u{1B}[2J", "a\u{2028}b\0\u{85}\u{7F}"])
  func whatAClientNamesNeverBeginsAnotherLine(name: String) throws {
    for error: ServiceError in [
      .noContextSpace(id: name), .badParameter(name: "group", found: name, expected: "a name"),
      .badPath(name), .unknownParameter(name: name, known: []),
    ] {
      let message = error.answer.message
      #expect(message.contains("b"))
      #expect(
        !message.unicodeScalars.contains {
          [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
        })
    }
  }

  @Test(arguments: [
    ("/v1/tables", "GET, HEAD", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY"]),
    ("/v1/tables/plain", "GET, HEAD", ["POST", "OPTIONS", "PROPFIND"]),
    ("/v1/tables/plain/rows", "POST", ["GET", "HEAD", "PUT", "OPTIONS", "M-SEARCH"]),
    ("/v1/query", "POST", ["GET", "OPTIONS"]), ("/healthz", "GET, HEAD", ["POST", "OPTIONS"]),
    ("/", "GET, HEAD", ["POST", "COPY"]), ("/metrics", "GET, HEAD", ["DELETE"]),
  ])
  func otherMethodsAreToldWhichThereAre(
    path: String, allowed: String, methods: [String]
  ) async throws {
    try await withService { service in
      for method in methods {
        let answer = try await service.ask(method, path)
        #expect(answer.status == 405, "\(method) \(path): \(answer.text)")
        #expect(answer.headers["allow"] == allowed)
        if method != "HEAD" { #expect(answer.code == "method_not_allowed") }
      }
    }
  }

  @Test func pathsThatAreNotThereAreSaidNotToBe() async throws {
    try await withService { service in
      for path in [
        "/nothing", "/v1", "/v1/", "/v1/tables/plain/columns", "/v1/tables/a/b/rows", "/v2/tables",
        "/../etc/passwd", "/v1/tables/..%2F..%2Fetc%2Fpasswd", "//v1//x",
        "/v1/tables/%EF%BB%BFplain", "/%00", "/v1/tables/%00",
        "/" + String(repeating: "a", count: 5000),
      ] {
        for method in ["GET", "POST"] {
          let answer = try await service.ask(method, path)
          #expect([400, 404, 405].contains(answer.status), "\(path): \(answer.status)")
          #expect(!answer.code.isEmpty && !answer.message.contains("\n"), "\(path): \(answer.text)")
          #expect(answer.body.count < 1000)
        }
      }
      let answer = try await service.ask("GET", "/nothing")
      #expect(answer.status == 404 && answer.code == "not_found")
      #expect(answer.headers["content-type"] == "application/json")
    }
  }

  /// What is no request, or might be two to somebody else: whoever sends it is not heard again.
  private static let broken = [
    "\r\n\r\n\0\0", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
    "GET / HTTP/1.1\r\nno header\r\n\r\n",
    "POST /v1/query HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "POST /v1/query HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /v1/query HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "POST /v1/query HTTP/1.1\r\nHost: a\r\nContent-Length: 1e3\r\n\r\n",
    "POST /v1/query HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "POST /v1/query HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    "GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 70_000) + "\r\n\r\n",
    "GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 10_000) + "\r\n",
    "GET /" + String(repeating: "a", count: 200_000) + " HTTP/1.1\r\n\r\n",
  ]

  @Test func whatIsNoRequestEndsItsConnectionOnly() async throws {
    var generator = SeededGenerator(seed: 12)
    var sent = Self.broken.map { Array($0.utf8) }
    for _ in 0..<20 {
      sent.append(
        (0..<Int.random(in: 1...3000, using: &generator)).map { _ in
          UInt8.random(in: 0...255, using: &generator)
        })
    }
    try await withService { service in
      let healthy = try service.connect()
      for garbage in sent {
        let wire = try service.connect()
        // It may be closed before all of it is sent.
        try? await wire.send(garbage)
        wire.endSending()
        let heard = String(decoding: try await wire.rest(), as: UTF8.self)
        let start = String(decoding: garbage.prefix(90), as: UTF8.self)
        #expect(
          !heard.contains("HTTP/1.1 2") && !heard.contains("HTTP/1.1 5"), "\(start): \(heard)")
        #expect(heard.components(separatedBy: "HTTP/1.1 ").count <= 2, "\(start): \(heard)")
        #expect(try await healthy.ask("GET", "/healthz").status == 200)
      }
      try await service.wait("the memory") { service.service.state.budget.used == 0 }
    }
  }
}
