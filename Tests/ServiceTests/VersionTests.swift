import MemoryTables
import Serving
import Storage
import TestStores
import Testing

@testable import Service

/// What is published while the service runs.
@Suite(.inAProcessOfItsOwn)
struct VersionTests {
  @Test func aNewVersionIsSeenAndTheOldOneStays() async throws {
    let made = try ServedStore()
    let ids = [0, 2999, 77]
    let rows = { (seed: UInt64) in
      ids.flatMap { MadeRows(rowBytes: 128, seed: seed).bytes(of: $0) }
    }
    try await withService(store: made.path) {
      $0.limits.refreshTime = .milliseconds(50)
    } _: { service in
      let first = try await service.post("/v1/tables/plain/rows", bytes(ids))
      #expect(first.headers["engram-table"] == "plain@1" && first.body == rows(0))
      let tag = try #require(first.headers["etag"])
      try await onThread {
        try ServedStore.publishPlain(in: Store(path: made.path, mode: .writing), seed: 9)
      }
      try await service.wait("the new version") {
        try await service.post("/v1/tables/plain/rows", bytes(ids)).headers["engram-table"]
          == "plain@2"
      }
      #expect(try await service.post("/v1/tables/plain/rows", bytes(ids)).body == rows(9))
      let old = try await service.post("/v1/tables/plain%401/rows", bytes(ids))
      #expect(old.headers["engram-table"] == "plain@1" && old.body == rows(0))
      let other = try await service.post("/v1/tables/plain/rows", bytes(ids), ["If-Match": tag])
      #expect(other.status == 409)
      let numbers = try await service.ask("GET", "/v1/store").object
      #expect(numbers["tables"] as? Int == 4)
      #expect(try #require(try await service.metric("engram_store_refreshes_total")) >= 1)
      try await onThread {
        _ = try Store(path: made.path, mode: .writing).dropTable(.init(name: "plain", version: 1))
      }
      try await service.wait("the end of the old version") {
        try await service.post("/v1/tables/plain%401/rows", bytes(ids)).status == 404
      }
      #expect(try await service.post("/v1/tables/plain/rows", bytes(ids)).body == rows(9))
    }
  }

  /// Between the opening of a version and its description a drop may come.
  @Test func aVersionThatIsOpenIsDescribedAfterItWasDropped() throws {
    let made = try ServedStore()
    let store = try Store(path: made.path, mode: .writing)
    let open = try OpenTable("hashed", in: store)
    let before = try JSONBody.encode(TableDescription(open))
    _ = try store.dropTable(.init(name: "hashed"))
    #expect(try JSONBody.encode(TableDescription(open)) == before)
    #expect(String(decoding: before, as: UTF8.self).contains(open.manifest.identity))
  }
}
