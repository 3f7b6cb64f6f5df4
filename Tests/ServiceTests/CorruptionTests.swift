import Files
import Foundation
import TestStores
import Testing

@testable import Service

/// Rows that are not what was written.
@Suite(.inAProcessOfItsOwn)
struct CorruptionTests {
  private let made: ServedStore
  /// The row that is damaged.
  private let row = 1234

  init() throws {
    made = try ServedStore()
    let wanted = MadeRows(rowBytes: 128).bytes(of: row)
    for folder in try DurableFile.names(in: made.path + "/tables") {
      let path = made.path + "/tables/" + folder + "/db"
      for name in (try? DurableFile.names(in: path)) ?? [] where name.hasSuffix(".sst") {
        var content = try DurableFile.read(path + "/" + name)
        guard let place = Self.place(of: wanted, in: content) else { continue }
        content[place + 60] ^= 1
        try DurableFile.remove(path + "/" + name)
        try content.withUnsafeBytes { try DurableFile.write($0, to: path + "/" + name) }
        return
      }
    }
    Issue.record("the row is nowhere")
  }

  private static func place(of wanted: [UInt8], in content: [UInt8]) -> Int? {
    Data(content).range(of: Data(wanted))?.lowerBound
  }

  @Test func aCorruptRowIsNotServedAndCounted() async throws {
    let failures = "engram_checksum_failures_total{table=\"plain\"}"
    try await withService(store: made.path) { service in
      let bad = try await service.post("/v1/tables/plain/rows", bytes([row - 1, row]))
      #expect(bad.status == 500 && bad.code == "corrupt", "\(bad.text)")
      #expect(bad.message.contains("\(row)"))
      #expect(try await service.metric(failures) == 1)
      let good = try await service.post("/v1/tables/plain/rows", bytes([row - 1, row + 1]))
      #expect(
        good.body
          == [row - 1, row + 1].flatMap { MadeRows(rowBytes: 128).bytes(of: $0) })
      // In a late piece of a long answer: the body is short, nothing else comes.
      let wire = try service.connect()
      let ids = Array(repeating: 5, count: 9000) + [row]
      try await wire.send(
        Wire.request(
          "POST", "/v1/tables/plain/rows", ["Content-Type": "application/octet-stream"],
          body: bytes(ids)))
      let all = try await wire.rest()
      #expect(String(decoding: all.prefix(15), as: UTF8.self) == "HTTP/1.1 200 OK")
      #expect(all.count > 512 << 10 && all.count < 9001 * 128)
      #expect(try await service.metric(failures) == 2)
      #expect(try await service.metric("engram_requests_in_flight") == 1)
    }
  }
}
