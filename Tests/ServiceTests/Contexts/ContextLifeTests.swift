import Files
import Foundation
import TestCheckpoints
import Testing

@testable import Service

/// Pins, clears, restarts, damage: what becomes of blocks after they were put.
@Suite(.inAProcessOfItsOwn, .serialized)
struct ContextLifeTests {
  @Test func whatIsClearedIsAMiss() async throws {
    try await withContexts { service in
      let client = try await ContextClient(service)
      let other = try await ContextClient(service, model: "n")
      try await other.put(0..<1, ["indexer"])
      try await client.put(0..<6, ["indexer"])
      let prompt = client.tokens(6)
      // Tokens that are no whole block name none: above all, not all.
      #expect(try await client.ask("clear", bytes(Array(prompt[..<15]))).number("cleared") == 0)
      #expect(try await client.ask("lookup", bytes(prompt)).number("blocks") == 6)
      let tail = try await client.ask("clear", bytes(Array(prompt[..<64])))
      #expect(tail.number("cleared") == 3, "\(tail.text)")
      #expect(try await client.ask("lookup", bytes(prompt)).number("blocks") == 3)
      #expect(try await client.get("indexer", tokens: prompt).headers["engram-blocks"] == "3")
      #expect(try await client.ask("clear", []).number("cleared") == 3)
      #expect(try await client.ask("lookup", bytes(prompt)).number("blocks") == 0)
      #expect(try await other.ask("lookup", bytes(prompt)).number("blocks") == 1)
    }
  }

  @Test func blocksArePinnedAndAskedForAhead() async throws {
    try await withContexts { service in
      let client = try await ContextClient(service)
      try await client.put(0..<4)
      let prompt = bytes(client.tokens(7))
      #expect(try await client.ask("pin", "seconds=60", prompt).number("pinned") == 4)
      #expect(try await service.metric("engram_context_pinned_blocks") == 4)
      let listed = try await service.ask("GET", "/v1/contexts")
      #expect(listed.number("statistics", "pinned_blocks") == 4)
      #expect(try await client.ask("pin", "seconds=0", prompt).status == 200)
      #expect(try await service.metric("engram_context_pinned_blocks") == 0)
      let ahead = try await client.ask(
        "prefetch", "group=latent&first_layer=1&layers=1&first_block=1&blocks=90", prompt)
      #expect(ahead.status == 202, "\(ahead.text)")
      // Three blocks, of which a layer has 64 KiB and its checksums.
      #expect(try #require(ahead.number("pages")) >= 48)
      let nothing = try await client.ask("prefetch", "group=latent&first_block=4", prompt)
      #expect(nothing.number("pages") == 0)
    }
  }

  @Test func namespacesAndBlocksAreThereAfterARestart() async throws {
    let scratch = try ScratchFolder()
    var id = ""
    try await withContexts(scratch("context")) { service in
      let client = try await ContextClient(service)
      try await client.put(0..<3)
      id = client.id
    }
    try await withContexts(scratch("context")) { service in
      let listed = try await service.ask("GET", "/v1/contexts")
      let spaces = try #require(listed.object["namespaces"] as? [[String: Any]])
      #expect(spaces.count == 1 && spaces[0]["id"] as? String == id)
      #expect(spaces[0]["model"] as? String == "m" && spaces[0]["blocks"] as? Int == 3)
      #expect(spaces[0]["block_tokens"] as? Int == 16)
      // By its id alone: nobody has opened it yet.
      let tokens = (0..<48).map { Int32(($0 * 7919 + 104_729) % 129_280) }
      let early = try await service.post("/v1/contexts/\(id)/get?group=latent", bytes(tokens))
      let client = try await ContextClient(service)
      #expect(client.id == id && client.tokens(3) == tokens)
      #expect(early.body == client.state("latent", blocks: 0..<3))
      #expect(try await service.ask("GET", "/v1/store").number("contexts") == 1)
    }
  }

  /// A bit of a stored row turns over while the service runs.
  @Test func aDamagedBlockIsAMissAndNeverAWrongByte() async throws {
    let scratch = try ScratchFolder()
    try await withContexts(scratch("context")) { service in
      let client = try await ContextClient(service)
      try await client.put(0..<6, ["indexer"])
      let segments = scratch("context/segments")
      let file = try #require(
        FileManager.default.contentsOfDirectory(atPath: segments).first { $0.hasSuffix(".data") })
      // A row of block 4, in the last of the layers.
      let row = Data(client.row("indexer", layer: 39, row: 17))
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: segments + "/" + file))
      let content = try #require(try handle.readToEnd())
      let place = try #require(content.range(of: row))
      try handle.seek(toOffset: UInt64(place.lowerBound + 11))
      try handle.write(contentsOf: [row[11] ^ 4])
      try handle.close()
      let prompt = client.tokens(6)
      let undamaged = try await client.get("indexer", "layers=39", tokens: prompt)
      #expect(undamaged.headers["engram-blocks"] == "6")
      #expect(undamaged.body == client.state("indexer", layers: 0..<39, blocks: 0..<6))
      let answer = try await client.get("indexer", tokens: prompt)
      #expect(answer.headers["engram-blocks"] == "4")
      #expect(answer.body == client.state("indexer", blocks: 0..<4))
      #expect(try await service.metric("engram_context_damaged_total") == 1)
      let rows = try await client.gather("indexer", layer: 39, tokens: prompt, rows: [3, 17])
      #expect(rows.status == 404, "\(rows.text)")
      #expect(try await client.ask("lookup", bytes(prompt)).number("blocks") == 4)
      // Put again, it is there again.
      #expect(try await client.put(4..<6, ["indexer"]).number("stored") == 1)
      let whole = try await client.get("indexer", tokens: prompt)
      #expect(whole.body == client.state("indexer", blocks: 0..<6))
    }
  }

  @Test func metricsAreThoseOfTheStore() async throws {
    try await withContexts(capacity: 128 << 20) { service in
      let client = try await ContextClient(service)
      try await client.put(0..<4, ["indexer"])
      try await client.put(0..<4, ["indexer"])
      _ = try await client.ask("lookup", bytes(client.tokens(6)))
      let answer = try await client.get("indexer", tokens: client.tokens(4))
      for (name, value) in [
        ("capacity_bytes", 128 << 20), ("namespaces", 1), ("blocks", 4), ("stored_total", 4),
        ("present_total", 4), ("lookups_total", 2), ("hits_total", 8), ("misses_total", 2),
        ("stored_bytes_total", answer.body.count), ("read_bytes_total", answer.body.count),
        ("evicted_total", 0), ("refused_total", 0), ("damaged_total", 0),
      ] {
        #expect(try await service.metric("engram_context_\(name)") == Double(value), "\(name)")
      }
      let used = try #require(try await service.metric("engram_context_used_bytes"))
      #expect(used > Double(answer.body.count) && used <= Double(128 << 20))
    }
  }
}
