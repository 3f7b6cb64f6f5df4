import Foundation
import TestStores
import Testing

@testable import Service

/// How a service ends.
@Suite(.inAProcessOfItsOwn)
struct StopTests {
  private let head =
    "POST /v1/tables/plain/rows HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n"
    + "Content-Type: application/octet-stream\r\n\r\n"

  @Test func whatWasAcceptedIsAnsweredAndNothingElse() async throws {
    try await withService { service in
      let (begun, waiting, idle) = try (service.connect(), service.connect(), service.connect())
      try await begun.send(head + "\u{7}\0\0")
      #expect(try await idle.ask("GET", "/healthz").status == 200)
      let occupied = try await OccupiedPool(service)
      defer { occupied.release() }
      try await waiting.send(Wire.request("GET", "/v1/tables"))
      try await service.wait("both") {
        service.service.state.metrics.inFlight.load(ordering: .relaxed) == 2
      }
      await service.service.stop()
      #expect(service.service.state.phase == .stopping)
      // Who asks nothing is let go, and nobody new comes in.
      #expect(try await idle.rest().isEmpty)
      try await service.wait("the end of listening") {
        (try? await service.ask("GET", "/healthz")) == nil
      }
      occupied.release()
      #expect(try await waiting.answer().status == 200)
      #expect(try await waiting.rest().isEmpty)
      try await begun.send([0, 0, 0, 0, 0])
      #expect(try await begun.answer().body == MadeRows(rowBytes: 128).bytes(of: 7))
      #expect(try await begun.rest().isEmpty)
    }
  }

  @Test func whoNeverFinishesIsNotWaitedForForEver() async throws {
    let start = ContinuousClock.now
    try await withService {
      $0.limits.stopTime = .milliseconds(500)
    } _: { service in
      let wire = try service.connect()
      try await wire.send(head)
      try await service.wait("it") {
        service.service.state.metrics.inFlight.load(ordering: .relaxed) == 1
      }
      await service.service.stop()
      #expect(try await wire.rest().isEmpty)
    }
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func aStoreThatIsGoneIsNotReady() async throws {
    let served = try ServedStore()
    let away = served.scratch("away")
    try await withService(store: served.path) {
      $0.limits.refreshTime = .milliseconds(20)
    } _: { service in
      #expect(try await service.ask("GET", "/readyz").status == 200)
      try FileManager.default.moveItem(atPath: served.path, toPath: away)
      try await service.wait("readiness to end") {
        try await service.ask("GET", "/readyz").status == 503
      }
      #expect(try await service.ask("GET", "/healthz").status == 200)
      try FileManager.default.moveItem(atPath: away, toPath: served.path)
      try await service.wait("readiness to come back") {
        try await service.ask("GET", "/readyz").status == 200
      }
    }
  }
}
