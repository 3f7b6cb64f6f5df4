import SeededRandom
import Testing

@testable import Service

/// What is put over HTTP is found, and comes back as it was: whole, in parts, and row by row.
@Suite(.inAProcessOfItsOwn, .serialized)
struct ContextReadTests {
  @Test func whatWasPutIsFoundByItsPrefix() async throws {
    try await withContexts { service in
      let client = try await ContextClient(service)
      let first = try await client.put(0..<3)
      #expect(first.number("stored") == 3 && first.number("present") == 0)
      try await client.put(3..<5, ["latent"], durability: "relaxed")
      let again = try await client.put(1..<4, ["latent"])
      #expect(again.number("stored") == 0 && again.number("present") == 3)
      // Longer, shorter, and different after two blocks.
      let prompt = client.tokens(9)
      for (tokens, blocks, indexer) in [
        (prompt, 5, 3), (Array(prompt[..<40]), 2, 2), (Array(prompt[..<15]), 0, 0), ([], 0, 0),
        (Array(prompt[..<32]) + client.tokens(3, seed: 2), 2, 2), (client.tokens(4, seed: 3), 0, 0),
      ] {
        let answer = try await client.ask("lookup", bytes(tokens))
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.number("blocks") == blocks)
        #expect(answer.number("tokens") == 16 * blocks)
        #expect(answer.number("groups", "latent", "leading") == blocks)
        #expect(answer.number("groups", "latent", "trailing") == blocks)
        #expect(answer.number("groups", "indexer", "present") == indexer)
        #expect(answer.number("groups", "indexer", "leading") == indexer)
        #expect(answer.number("groups", "indexer", "trailing") == (blocks == indexer ? indexer : 0))
      }
    }
  }

  /// Answers of one piece and of many: whole layers in a piece, and layers in several.
  @Test(arguments: ["latent", "indexer"])
  func layersAndBlocksComeBackAsTheyWere(group: String) async throws {
    try await withContexts { service in
      let client = try await ContextClient(service)
      for start in stride(from: 0, to: 30, by: 15) { try await client.put(start..<(start + 15)) }
      let (prompt, layers) = (client.tokens(30), client.group(group).layers)
      for (query, chosen, blocks) in [
        ("", 0..<layers, 0..<30), ("first_layer=1", 1..<layers, 0..<30),
        ("first_layer=1&layers=2", 1..<3, 0..<30), ("layers=1&first_block=7", 0..<1, 7..<30),
        ("first_block=29&blocks=1", 0..<layers, 29..<30),
        ("first_layer=2&layers=1&first_block=3&blocks=9", 2..<3, 3..<12),
        ("first_block=25&blocks=100", 0..<layers, 25..<30), ("blocks=0", 0..<layers, 0..<0),
        ("layers=0", 0..<0, 0..<30), ("first_block=30", 0..<layers, 30..<30),
      ] {
        let answer = try await client.get(group, query, tokens: prompt)
        #expect(answer.status == 200, "\(query): \(answer.text)")
        #expect(answer.headers["engram-blocks"] == "\(blocks.count)", "\(query)")
        #expect(answer.headers["engram-row-bytes"] == "\(client.group(group).rowBytes)")
        #expect(answer.headers["content-type"] == "application/octet-stream")
        let expected = client.state(group, layers: chosen, blocks: blocks)
        #expect(answer.body == expected, "\(query): \(answer.body.count) of \(expected.count)")
      }
    }
  }

  @Test(arguments: ["latent", "indexer"])
  func rowsAreGatheredByNumber(group: String) async throws {
    var generator = SeededGenerator(seed: 5)
    try await withContexts { service in
      let client = try await ContextClient(service)
      try await client.put(0..<15)
      let prompt = client.tokens(15)
      let last = Int64(15 * client.blockRows(group)) - 1
      for count in [0, 1, 2, 300, 2000] {
        let rows = (0..<count).map { _ in Int64.random(in: 0...last, using: &generator) }
        let layer = Int.random(in: 0..<client.group(group).layers, using: &generator)
        // With tokens left over: row numbers begin where no number of 8 bytes may stand.
        let answer = try await client.gather(
          group, layer: layer, tokens: prompt + [5], rows: rows)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.headers["engram-rows"] == "\(count)")
        let all = (0...last).map { client.row(group, layer: layer, row: Int($0)) }
        #expect(answer.body == rows.flatMap { all[Int($0)] })
      }
      let outside = try await client.gather(group, layer: 0, tokens: prompt, rows: [0, last + 1])
      #expect(outside.status == 404 && outside.code == "not_found", "\(outside.text)")
      let negative = try await client.gather(group, layer: 0, tokens: prompt, rows: [0, -1])
      #expect(negative.status == 422 && negative.code == "out_of_range", "\(negative.text)")
    }
  }

  /// Blocks 0, 1, 4, 5, 8 and 9 of one group, all of the other.
  @Test func blocksBetweenMissingOnesAreThere() async throws {
    try await withContexts { service in
      let client = try await ContextClient(service)
      try await client.put(0..<10, ["indexer"])
      for start in [0, 4, 8] { try await client.put(start..<(start + 2), ["latent"]) }
      let prompt = client.tokens(10)
      let found = try await client.ask("lookup", bytes(prompt))
      #expect(found.number("blocks") == 10)
      #expect(found.number("groups", "latent", "leading") == 2)
      #expect(found.number("groups", "latent", "trailing") == 2)
      #expect(found.number("groups", "latent", "present") == 6)
      let there = [0, 1, 4, 5, 8, 9]
      for first in 0..<10 {
        let answer = try await client.get(
          "latent", "first_block=\(first)&blocks=4", tokens: prompt)
        let count = (first..<min(10, first + 4)).prefix { there.contains($0) }.count
        #expect(answer.headers["engram-blocks"] == "\(count)", "from \(first)")
        #expect(answer.body == client.state("latent", blocks: first..<(first + count)))
        let rows = [Int64(16 * first + 3), 1]
        let gathered = try await client.gather("latent", layer: 2, tokens: prompt, rows: rows)
        #expect(gathered.status == (there.contains(first) ? 200 : 404), "\(gathered.text)")
        if gathered.status == 200 {
          #expect(
            gathered.body == rows.flatMap { client.row("latent", layer: 2, row: Int($0)) })
        }
      }
    }
  }

  /// Keys of the caller's instead of tokens; JSON instead of bytes.
  @Test func blocksAreNamedByKeysOrTokensInBytesOrJSON() async throws {
    try await withContexts { service in
      let client = try await ContextClient(service)
      let keys = (0..<4).map { key in (0..<32).map { UInt8(key * 50 + $0) } }
      let stored = try await client.ask(
        "put", "keys=1&tokens=4&groups=indexer",
        keys.joined() + client.state("indexer", blocks: 0..<4))
      #expect(stored.number("stored") == 4, "\(stored.text)")
      try await client.put(0..<2, ["indexer"])
      let hexadecimal = keys.map { key in
        "\"" + key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\""
      }
      let tokens = client.tokens(3)
      for (body, json, expected) in [
        (bytes(tokens), "{\"tokens\":\(tokens)}", 2),
        (Array(keys.joined()), "{\"keys\":[\(hexadecimal.joined(separator: ","))]}", 4),
      ] {
        let query = body.count == 128 ? "keys=1" : ""
        let binary = try await client.ask("lookup", query, body)
        let text = try await service.post("/v1/contexts/\(client.id)/lookup", json: json)
        #expect(binary.number("blocks") == expected, "\(binary.text)")
        #expect(binary.text == text.text)
      }
      let got = try await client.ask(
        "get", "keys=1&group=indexer&first_block=1", Array(keys.joined()))
      #expect(got.body == client.state("indexer", blocks: 1..<4))
      let rows = try await client.ask(
        "gather", "keys=1&tokens=4&group=indexer&layer=7",
        keys.joined() + bytes([15, 4] as [Int64]))
      #expect(rows.body == [15, 4].flatMap { client.row("indexer", layer: 7, row: $0) })
    }
  }
}
