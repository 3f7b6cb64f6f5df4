import MemoryTables
import SeededRandom
import Serving
import TestStores
import Testing

@testable import Service

/// Rows, row ids and prefetch over HTTP are those of the table.
@Suite(.inAProcessOfItsOwn)
struct TableRouteTests {
  /// Rows of a table, past the service.
  private func gathered(
    _ rows: [Int64], of name: String, as format: RowFormat, missingAsZero: Bool = false
  ) throws -> [UInt8] {
    let table = try OpenTable(name, in: SharedStore.open().now())
    var out = [Float](repeating: 0, count: (rows.count * table.rowBytes(format) + 3) / 4)
    return try out.withUnsafeMutableBytes { out in
      let out = UnsafeMutableRawBufferPointer(
        rebasing: out[..<(rows.count * table.rowBytes(format))])
      try rows.withUnsafeBufferPointer {
        try table.gather($0, as: format, missingAsZero: missingAsZero, into: out)
      }
      return Array(out)
    }
  }

  /// Row ids of tokens, past the service.
  private func rowIDs(
    _ tokens: [Int32], of name: String, segments: [Int32]? = nil, masked: [UInt8]? = nil
  ) throws -> [Int64] {
    let table = try OpenTable(name, in: SharedStore.open().now())
    var rows = [Int64](repeating: 0, count: tokens.count * table.addresses.columns)
    try rows.withUnsafeMutableBufferPointer { rows in
      try tokens.withUnsafeBufferPointer { tokens in
        try (segments ?? []).withUnsafeBufferPointer { given in
          try (masked ?? []).withUnsafeBufferPointer { mask in
            try table.rows(
              for: tokens, masked: masked == nil ? nil : mask,
              segments: segments == nil ? nil : given, into: rows)
          }
        }
      }
    }
    return rows
  }

  @Test(arguments: [RowFormat.raw, .bfloat16, .float32])
  func rowsAreThoseOfTheTable(format: RowFormat) async throws {
    var generator = SeededGenerator(seed: 3)
    try await withService { service in
      // The last ones are more than a piece of an answer holds.
      for (name, rows, counts) in [
        ("plain", 3000, [0, 1, 2, 700, 9000]), ("hashed", 420, [1, 8200]), ("exact", 5, [40]),
      ] {
        for count in counts {
          let ids = (0..<count).map { _ in Int64.random(in: 0..<Int64(rows), using: &generator) }
          let answer = try await service.post(
            "/v1/tables/\(name)/rows?format=\(format.rawValue)", bytes(ids))
          #expect(answer.status == 200, "\(answer.text)")
          let expected = try gathered(ids, of: name, as: format)
          #expect(answer.body == expected)
          #expect(answer.headers["engram-table"] == "\(name)@1")
          #expect(answer.headers["engram-rows"] == "\(count)")
          #expect(answer.headers["engram-columns"] == "1")
          #expect(answer.headers["content-type"] == "application/octet-stream")
          if count > 0 {
            #expect(answer.headers["engram-row-bytes"] == "\(expected.count / count)")
          }
          if name == "plain", format == .raw {
            let source = MadeRows(rowBytes: 128)
            #expect(answer.body == ids.flatMap { source.bytes(of: Int($0)) })
          }
        }
      }
    }
  }

  @Test(arguments: [false, true], [false, true])
  func tokensLeadToRows(segments: Bool, masks: Bool) async throws {
    var generator = SeededGenerator(seed: 4)
    try await withService { service in
      for count in [0, 1, 3, 257] {
        let tokens = (0..<count).map { _ in Int32.random(in: 0..<500, using: &generator) }
        let given = (0..<count).map { Int32($0 / 5) }
        let masked = (0..<count).map { _ in UInt8.random(in: 0...1, using: &generator) }
        let body = bytes(tokens) + (segments ? bytes(given) : []) + (masks ? masked : [])
        let query = (segments ? "&segments=1" : "") + (masks ? "&masks=1" : "")
        let expected = try rowIDs(
          tokens, of: "hashed", segments: segments ? given : nil, masked: masks ? masked : nil)
        let ids = try await service.post("/v1/tables/hashed/row-ids?\(query.dropFirst())", body)
        #expect(ids.status == 200, "\(ids.text)")
        #expect(numbers(ids.body, as: Int64.self) == expected)
        #expect(ids.headers["engram-columns"] == "4")
        #expect(ids.headers["engram-rows"] == "\(4 * count)")
        let rows = try await service.post(
          "/v1/tables/hashed/rows?input=tokens&format=f32\(query)", body)
        #expect(try rows.body == gathered(expected, of: "hashed", as: .float32))
        #expect(rows.headers["engram-columns"] == "4")
      }
    }
  }

  @Test func whatIsMissingIsZeroWhereThatIsAskedFor() async throws {
    try await withService { service in
      let tokens: [Int32] = [1, 2, 3, 9, 7, 8, 9]
      let expected = try rowIDs(tokens, of: "exact")
      #expect(expected.contains(-1) && expected.contains { $0 >= 0 })
      let ids = try await service.post("/v1/tables/exact/row-ids", bytes(tokens))
      #expect(numbers(ids.body, as: Int64.self) == expected)
      let rows = try await service.post(
        "/v1/tables/exact/rows?input=tokens&missing=zero", bytes(tokens))
      #expect(rows.status == 200, "\(rows.text)")
      let source = MadeRows(rowBytes: 256)
      #expect(
        rows.body
          == expected.flatMap {
            $0 < 0 ? [UInt8](repeating: 0, count: 256) : source.bytes(of: Int($0))
          })
      let refused = try await service.post("/v1/tables/exact/rows?input=tokens", bytes(tokens))
      #expect(refused.status == 422 && refused.code == "out_of_range")
    }
  }

  @Test func prefetchSaysHowManyPagesItAsksFor() async throws {
    let ids: [Int64] = [0, 1, 2999, 1500, 1500]
    let table = try OpenTable("plain", in: SharedStore.open().now())
    let expected = ids.withUnsafeBufferPointer { table.table.prefetch($0) }
    try await withService { service in
      let answer = try await service.post("/v1/tables/plain/prefetch", bytes(ids))
      #expect(answer.status == 202)
      #expect(answer.object["pages"] as? Int == expected)
      let tokens = try await service.post(
        "/v1/tables/hashed/prefetch?input=tokens", bytes([1, 2, 3] as [Int32]))
      #expect(tokens.status == 202)
    }
  }

  /// A path below `/v1/tables/`, a body, and what is answered: a status, a code, and a word of what is
  /// said.
  private static let refused: [(String, [UInt8], Int, String, String)] = [
    ("plain/rows", [0], 400, "invalid", "a multiple of 8"),
    ("hashed/rows?input=tokens&masks=1", [0, 0, 0, 0], 400, "invalid", "a multiple of 5"),
    ("plain/rows?formt=f32", [], 400, "invalid", "formt"),
    ("plain/rows?format=f64", [], 400, "invalid", "raw or bf16 or f32"),
    ("plain/rows?masks=1", [], 400, "invalid", "tokens"),
    ("plain/rows?missing=one", [], 400, "invalid", "zero"),
    ("plain/row-ids?format=raw", [], 400, "invalid", "format"),
    ("hashed/row-ids?masks=1", [1, 0, 0, 0, 2], 400, "invalid", "masked"),
    ("plain/rows", bytes([3000]), 422, "out_of_range", "3000"),
    ("plain/rows", bytes([-1]), 422, "out_of_range", "0 to 2999"),
    ("plain/rows?missing=zero", bytes([-2]), 422, "out_of_range", "-2"),
    ("plain/rows", bytes([Int.min]), 422, "out_of_range", "0 to 2999"),
    ("hashed/rows?input=tokens", bytes([500] as [Int32]), 422, "out_of_range", "500"),
    ("hashed/row-ids", bytes([-1] as [Int32]), 422, "out_of_range", "-1"),
    ("plain/rows?input=tokens", bytes([1] as [Int32]), 422, "unsupported", "row ids"),
    ("exact/row-ids?masks=1", [1, 0, 0, 0, 0], 422, "unsupported", "masked"),
    ("nothing/rows", [], 404, "not_found", "nothing"),
    ("plain%402/rows", [], 404, "not_found", "plain"),
    ("plain%40x/rows", [], 400, "invalid", "plain@x"),
    ("plain%40+1/rows", [], 400, "invalid", "plain@+1"),
    ("plain%4001/rows", [], 400, "invalid", "plain@01"),
    ("%FF/rows", [], 400, "invalid", "UTF-8"),
  ]

  @Test func whatMakesNoSenseIsRefused() async throws {
    try await withService { service in
      for (path, body, status, code, word) in Self.refused {
        let answer = try await service.post("/v1/tables/\(path)", body)
        #expect(answer.status == status && answer.code == code, "\(path): \(answer.text)")
        #expect(answer.message.contains(word), "\(path): \(answer.message)")
        #expect(!answer.message.contains("\n"))
      }
    }
  }

  @Test func bytesAreAskedForAsBytes() async throws {
    try await withService { service in
      let answer = try await service.ask("POST", "/v1/tables/plain/rows", body: bytes([1]))
      #expect(answer.status == 415 && answer.code == "unsupported_media_type")
    }
  }

  @Test func aConditionNamesTheVersionThatIsServed() async throws {
    try await withService { service in
      let path = "/v1/tables/plain/rows"
      let tag = try #require(try await service.post(path, bytes([1])).headers["etag"])
      let identity = try OpenTable("plain", in: SharedStore.open().now()).manifest.identity
      #expect(tag == "\"\(identity)\"")
      for right in [tag, "*", "\"0\", \(tag)"] {
        #expect(try await service.post(path, bytes([1]), ["If-Match": right]).status == 200)
      }
      for route in ["rows", "row-ids", "prefetch"] {
        let answer = try await service.post(
          "/v1/tables/hashed/\(route)", [], ["If-Match": tag])
        #expect(answer.status == 409 && answer.code == "conflict", "\(answer.text)")
        #expect(answer.message.contains("hashed@1"))
      }
    }
  }
}
