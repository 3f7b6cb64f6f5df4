import Testing

@testable import Service

/// Memory stays what it may be, however much is read or put.
@Suite(.inAProcessOfItsOwn, .serialized)
struct ContextLimitTests {
  @Test func aPutThatIsNoBodyIsRefusedBeforeItComesAndSaysHowMuchFits() async throws {
    try await withContexts {
      $0.limits.bodyBytes = 1 << 20
    } _: { service in
      let client = try await ContextClient(service)
      let prompt = client.tokens(40)
      let wire = try service.connect()
      // Announced, and refused before any of it came.
      try await wire.send(
        "POST /v1/contexts/\(client.id)/put?tokens=\(prompt.count)&groups=latent HTTP/1.1\r\n"
          + "Host: a\r\nContent-Type: application/octet-stream\r\nContent-Length: 7866880\r\n\r\n")
      let answer = try await wire.answer()
      #expect(answer.status == 413 && answer.code == "too_large", "\(answer.text)")
      #expect(answer.message.contains("--max-body") && answer.message.contains("1048576"))
      #expect(answer.message.contains("put 5 at once"), "\(answer.message)")
      for start in stride(from: 0, to: 40, by: 5) {
        #expect(try await client.put(start..<(start + 5), ["latent"]).number("stored") == 5)
      }
      let whole = try await client.get("latent", tokens: prompt)
      #expect(whole.body == client.state("latent", blocks: 0..<40))
    }
  }

  /// 20 MB are answered where all requests together have 6.
  @Test func aLargeAnswerTakesTheMemoryOfTwoPieces() async throws {
    try await withContexts {
      $0.limits.bodyBytes = 2 << 20
      $0.limits.memoryBytes = 6 << 20
    } _: { service in
      let client = try await ContextClient(service)
      for start in stride(from: 0, to: 100, by: 10) {
        try await client.put(start..<(start + 10), ["latent"])
      }
      let prompt = client.tokens(100)
      let whole = try await client.get("latent", tokens: prompt)
      #expect(whole.headers["engram-blocks"] == "100")
      #expect(whole.body == client.state("latent", blocks: 0..<100))
      let rows = (0..<6000).map { Int64(($0 * 7) % (100 * 16)) }
      let gathered = try await client.gather("latent", layer: 1, tokens: prompt, rows: rows)
      #expect(gathered.body.count == 6000 * 4096, "\(gathered.status)")
      for index in stride(from: 0, to: 6000, by: 997) {
        #expect(
          Array(gathered.body[(index * 4096)..<((index + 1) * 4096)])
            == Array(client.row("latent", layer: 1, row: Int(rows[index]))))
      }
      try await service.wait("the memory") { service.service.state.budget.used == 0 }
    }
  }

  @Test func rowsAreNoMoreThanARequestMayAskFor() async throws {
    try await withContexts {
      $0.limits.rows = 10
    } _: { service in
      let client = try await ContextClient(service)
      try await client.put(0..<1)
      let prompt = client.tokens(1)
      let fits = try await client.gather(
        "latent", layer: 0, tokens: prompt, rows: Array(repeating: 1, count: 10))
      #expect(fits.status == 200)
      let over = try await client.gather(
        "latent", layer: 0, tokens: prompt, rows: Array(repeating: 1, count: 11))
      #expect(over.status == 413 && over.code == "too_large")
    }
  }

  /// A client that goes away in the middle of a large answer, again and again, leaves nothing behind.
  @Test func clientsThatLeaveGiveBackWhatTheyHeld() async throws {
    try await withContexts {
      $0.limits.stallTime = .milliseconds(200)
    } _: { service in
      let client = try await ContextClient(service)
      for start in stride(from: 0, to: 60, by: 15) {
        try await client.put(start..<(start + 15), ["latent"])
      }
      let prompt = bytes(client.tokens(60))
      for _ in 0..<6 {
        let wire = try service.connect(receiveBytes: 4096)
        try await wire.send(
          Wire.request(
            "POST", "/v1/contexts/\(client.id)/get?group=latent",
            ["Content-Type": "application/octet-stream"], body: prompt))
      }
      try await service.wait("the memory", seconds: 20) {
        service.service.state.budget.used == 0 && service.service.state.budget.inFlight == 0
      }
      #expect(try await client.get("latent", "layers=1", tokens: client.tokens(60)).status == 200)
    }
  }
}
