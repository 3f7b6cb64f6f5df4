import TestStores
import Testing

@testable import Service

/// Clients that send slowly or never read: they are given up in time, and others do not notice.
@Suite(.inAProcessOfItsOwn)
struct SlowClientTests {
  private let head =
    "POST /v1/tables/plain/rows HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n"
    + "Content-Type: application/octet-stream\r\n\r\n"

  private func expectService(_ service: RunningService) async throws {
    #expect(try await service.post("/v1/tables/plain/rows", bytes([1])).status == 200)
  }

  @Test func aBodyThatDoesNotComeIsNotWaitedFor() async throws {
    try await withService {
      $0.limits.bodyTime = .seconds(1)
    } _: { service in
      let wire = try service.connect()
      try await wire.send(head + "1234")
      try await expectService(service)
      let answer = try await wire.answer()
      #expect(answer.status == 408 && answer.code == "timeout", "\(answer.text)")
      #expect(answer.headers["connection"] == "close")
      #expect(try await wire.rest().isEmpty)
      try await service.wait("the memory") { service.service.state.budget.used == 0 }
    }
  }

  @Test func aHeadThatDoesNotComeIsNotWaitedFor() async throws {
    try await withService {
      $0.limits.headerTime = .seconds(2)
    } _: { service in
      let (silent, slow) = try (service.connect(), service.connect())
      try await slow.send("GET /healthz HTTP/1.1\r\nHo")
      // The second request of a connection is held to the same time.
      let again = try service.connect()
      #expect(try await again.ask("GET", "/healthz").status == 200)
      try await again.send("G")
      try await expectService(service)
      for wire in [silent, slow, again] { #expect(try await wire.rest().isEmpty) }
    }
  }

  @Test func aConnectionThatRestsTooLongIsClosed() async throws {
    try await withService {
      $0.limits.idleTime = .seconds(1)
    } _: { service in
      let wire = try service.connect()
      #expect(try await wire.ask("GET", "/healthz").status == 200)
      #expect(try await wire.ask("GET", "/healthz").status == 200)
      #expect(try await wire.rest().isEmpty)
    }
  }

  @Test func aClientThatNeverReadsIsGivenUp() async throws {
    try await withService(store: WideStore.shared.get().path) {
      $0.limits.stallTime = .seconds(1)
    } _: { service in
      let wires = try (0..<3).map { _ in try service.connect(receiveBytes: 4096) }
      for wire in wires { try await wire.send(WideStore.request(rows: 8192)) }
      let budget = service.service.state.budget
      try await service.wait("the answers' begin") { budget.used > 3 * (512 << 10) }
      let other = try service.connect()
      try await other.send(WideStore.request(rows: 100))
      #expect(try await other.answer().body.count == 100 * WideStore.rowBytes)
      try await service.wait("the end of their connections") {
        budget.used == 0 && budget.inFlight == 0
      }
      for wire in wires { #expect(try await wire.rest().count < 8192 * WideStore.rowBytes) }
    }
  }

  @Test func slowSendersTakeNobodysPlace() async throws {
    try await withService {
      $0.limits.requests = 2
      $0.limits.memoryBytes = 1 << 20
    } _: { service in
      let large = head.replacing("Length: 8", with: "Length: 900000")
      let slow = try (0..<8).map { _ in try service.connect() }
      for (index, wire) in slow.enumerated() {
        try await wire.send((index < 4 ? head : large) + "1234")
      }
      try await service.wait("all connections") {
        service.service.state.metrics.connections.load(ordering: .relaxed) == 8
      }
      for _ in 0..<5 { try await expectService(service) }
      // Nor memory for what they only announce.
      #expect(service.service.state.budget.used < 1000)
      try await slow[0].send([0, 0, 0, 0])
      // "1234" is no row of the table: the request was read to its end, and understood.
      #expect(try await slow[0].answer().code == "out_of_range")
    }
  }
}
