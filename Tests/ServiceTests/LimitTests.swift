import TestStores
import Testing

@testable import Service

/// What is over a limit is refused by a clear status, and costs no more memory than it may.
@Suite(.inAProcessOfItsOwn)
struct LimitTests {
  private let octets = "Content-Type: application/octet-stream\r\n"

  private func chunked(_ parts: [[UInt8]]) -> [UInt8] {
    let head =
      "POST /v1/tables/plain/rows HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\(octets)\r\n"
    return Array(head.utf8)
      + parts.flatMap { Array(String($0.count, radix: 16).utf8) + [13, 10] + $0 + [13, 10] }
  }

  @Test func aBodyOfNoAnnouncedLengthIsTaken() async throws {
    let ids = [5, 6, 7]
    try await withService { service in
      let wire = try service.connect()
      // Parts end anywhere.
      let all = bytes(ids)
      try await wire.send(
        chunked([Array(all[..<3]), Array(all[3..<17]), Array(all[17...]), []]))
      let answer = try await wire.answer()
      #expect(answer.status == 200, "\(answer.text)")
      #expect(answer.body == ids.flatMap { MadeRows(rowBytes: 128).bytes(of: $0) })
      #expect(try await wire.ask("GET", "/healthz").status == 200)
    }
  }

  @Test func aBodyHasNoMoreBytesThanItMay() async throws {
    try await withService {
      $0.limits.bodyBytes = 800
    } _: { service in
      let path = "/v1/tables/plain/rows"
      #expect(try await service.post(path, bytes(Array(0..<100))).status == 200)
      let over = try await service.post(path, bytes(Array(0..<101)))
      #expect(over.status == 413 && over.code == "too_large" && over.message.contains("800"))
      // Announced, and refused before any of it came.
      let announced = try service.connect()
      try await announced.send(
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\(octets)\r\n")
      #expect(try await announced.answer().status == 413)
      // Not announced: refused when it is over, not at its end, which never comes.
      let endless = try service.connect()
      try await endless.send(chunked([Array(repeating: 0, count: 500)]))
      try await endless.send("190\r\n" + String(repeating: "a", count: 400) + "\r\n")
      #expect(try await endless.answer().status == 413)
      try await service.wait("the memory") { service.service.state.budget.used == 0 }
    }
  }

  @Test func aRequestHasNoMoreRowsThanItMay() async throws {
    try await withService {
      $0.limits.rows = 40
    } _: { service in
      #expect(try await service.post("/v1/tables/plain/rows", bytes(Array(0..<40))).status == 200)
      let tokens = [Int32](repeating: 1, count: 10)
      #expect(try await service.post("/v1/tables/hashed/row-ids", bytes(tokens)).status == 200)
      for (path, body) in [
        ("plain/rows", bytes(Array(0..<41))), ("plain/prefetch", bytes(Array(0..<41))),
        ("hashed/rows?input=tokens", bytes(tokens + [1])), ("hashed/row-ids", bytes(tokens + [1])),
      ] {
        let answer = try await service.post("/v1/tables/\(path)", body)
        #expect(answer.status == 413 && answer.code == "too_large", "\(answer.text)")
      }
    }
  }

  @Test func moreRequestsAtOnceThanThereMayBeAreToldToComeBack() async throws {
    try await withService {
      $0.limits.requests = 2
    } _: { service in
      let occupied = try await OccupiedPool(service)
      defer { occupied.release() }
      let waiting = try [service.connect(), service.connect()]
      for wire in waiting { try await wire.send(Wire.request("GET", "/v1/tables")) }
      try await service.wait("both") { service.service.state.budget.inFlight == 2 }
      for _ in 0..<3 {
        let answer = try await service.ask("GET", "/v1/store")
        #expect(answer.status == 503 && answer.code == "busy")
        #expect(answer.headers["retry-after"] == "1")
        #expect(try await service.post("/v1/tables/plain/rows", bytes([1])).status == 503)
        // Health is asked most when there is trouble.
        #expect(try await service.ask("GET", "/readyz").status == 200)
      }
      occupied.release()
      for wire in waiting { #expect(try await wire.answer().status == 200) }
      #expect(try await service.ask("GET", "/v1/store").status == 200)
    }
  }

  @Test func requestsUseNoMoreMemoryThanTheyMay() async throws {
    try await withService {
      $0.limits.memoryBytes = 100_000
    } _: { service in
      #expect(
        try await service.post("/v1/tables/plain/rows", bytes(Array(0..<500))).status == 200)
      let answer = try await service.post("/v1/tables/plain/rows", bytes(Array(0..<1000)))
      #expect(answer.status == 503 && answer.code == "busy")
      #expect(answer.headers["retry-after"] == "1")
      try await service.wait("the memory") { service.service.state.budget.used == 0 }
    }
  }

  @Test func anAnswerThatIsNotReadyInTimeIsGivenUp() async throws {
    try await withService {
      $0.limits.requestTime = .seconds(1)
    } _: { service in
      let occupied = try await OccupiedPool(service)
      defer { occupied.release() }
      let answer = try await service.ask("GET", "/v1/tables")
      #expect(answer.status == 504 && answer.code == "timeout", "\(answer.text)")
      occupied.release()
      #expect(try await service.ask("GET", "/v1/tables").status == 200)
    }
  }

  @Test func connectionsOverTheirNumberAreClosed() async throws {
    try await withService {
      $0.limits.connections = 3
    } _: { service in
      var wires = try (0..<3).map { _ in try service.connect() }
      for wire in wires { #expect(try await wire.ask("GET", "/healthz").status == 200) }
      let over = try service.connect()
      #expect(try await over.rest().isEmpty)
      wires.removeLast()
      try await service.wait("a place") {
        (try? await service.ask("GET", "/healthz").status) == 200
      }
    }
  }

  @Test func aLargeAnswerIsNeverWholeInMemory() async throws {
    let count = 16_384
    try await withService(store: WideStore.shared.get().path) { service in
      let wire = try service.connect(receiveBytes: 4096)
      try await wire.send(WideStore.request(rows: count, ["Connection": "close"]))
      let budget = service.service.state.budget
      try await service.wait("the answer's begin") { budget.used > 512 << 10 }
      var most = 0
      for _ in 0..<20 {
        most = max(most, budget.used)
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(most < 3 << 20, "\(most) bytes of \(count * WideStore.rowBytes)")
      var all = try await wire.rest()
      let answer = try #require(try Answer.take(from: &all, isHead: false))
      #expect(answer.status == 200 && answer.body.count == count * WideStore.rowBytes)
      let source = MadeRows(rowBytes: WideStore.rowBytes)
      for row in [0, 1, 127, 128, 129, 8191, count - 1] {
        let place = row * WideStore.rowBytes
        #expect(
          Array(answer.body[place..<(place + WideStore.rowBytes)])
            == source.bytes(of: row % WideStore.rows))
      }
      try await service.wait("the memory") { budget.used == 0 }
    }
  }
}
