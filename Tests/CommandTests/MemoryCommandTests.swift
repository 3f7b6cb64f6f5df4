import Files
import Foundation
import TestCheckpoints
import Testing

@Suite struct MemoryCommandTests {
  private let store: StoreFixture

  init() throws { store = try StoreFixture.shared.get() }

  @Test func listShowsEveryVersionForPeopleAndPrograms() throws {
    let text = try store.succeed("list").text
    for table in ["ds/layer1@1", "ds/layer1@2", "ds/layer14@1", "ds/layer14@2"] {
      #expect(text.contains(table))
    }
    let rows = StoreFixture.made["layers.1.engram.embed.weight"].shape[0]
    let first = try #require(store.succeed("list", "--format", "json").objects().first)
    #expect(first["name"] as? String == "ds/layer1" && first["version"] as? Int == 1)
    #expect(first["rows"] as? Int == rows && first["bytes"] as? Int == rows * 66)
    #expect(first["codec"] as? String == "fp8e4m3-e8m0x32" && first["dimension"] as? Int == 64)
  }

  @Test func theStoreIsNamedByTheEnvironmentToo() throws {
    let outcome = try EngramProcess(
      ["memory", "list"], environment: ["ENGRAM_STORE": store.path]
    ).outcome()
    #expect(outcome.status == 0 && outcome.text.contains("ds/layer14@2"))
  }

  @Test func inspectShowsTheManifest() throws {
    let text = try store.succeed("inspect", "ds/layer14@1").text
    for word in ["ds/layer14@1", "fp8e4m3-e8m0x32", "mapped", "24 rows a token", "129280"] {
      #expect(text.contains(word), "\(text)")
    }
    let manifest = try #require(
      store.succeed("inspect", "ds/layer14", "--format", "json").objects().first)
    #expect(manifest["version"] as? Int == 2 && manifest["rowBytes"] as? Int == 66)
    #expect((manifest["addressing"] as? [String: Any])?["layer"] as? Int == 14)
  }

  @Test func lookupByNumberGivesTheCheckpointsBytes() throws {
    let rows = [0, 7000, 3, 3]
    let raw = try store.succeed(
      "lookup", "ds/layer1", "--rows", rows.map(String.init).joined(separator: ","), "--raw")
    #expect(raw.output == rows.flatMap { StoreFixture.row($0) })
    let lines = try store.succeed(
      "lookup", "ds/layer1", "--rows", "0,3", "--first", "7", "--format", "json"
    ).objects()
    #expect(lines.count == 2)
    #expect(lines[1]["rows"] as? [Int] == [3])
    // Row 0 has NaN codes at 5 and 6: JSON says so in words.
    let numbers = try #require((lines[0]["first"] as? [[Any]])?.first)
    #expect(numbers.count == 7)
    #expect(numbers[5] as? String == "NaN" && numbers[6] as? String == "NaN")
    #expect((lines[0]["norms"] as? [Any])?.first as? String == "NaN")
  }

  @Test func lookupByTokensReadsEveryColumn() throws {
    let lines = try store.succeed(
      "lookup", "ds/layer1", "--tokens", "22898, 19737,270", "--format", "json", "--first", "2"
    ).objects()
    #expect(lines.map { $0["token"] as? Int } == [22898, 19737, 270])
    let rows = try lines.map { try #require($0["rows"] as? [Int]) }
    #expect(rows.allSatisfy { $0.count == 24 })
    // The address command says the same, from the model's config.
    let address = try EngramProcess(
      [
        "address", "--config", store.checkpoint + "/config.json", "--token-map",
        StoreFixture.tokenMap, try tokensFile(),
      ]
    ).outcome()
    let expected = try #require(address.objects().first?["rows"] as? [String: [[Int]]])
    #expect(rows == expected["1"])
    let raw = try store.succeed("lookup", "ds/layer1", "--tokens", "22898,19737,270", "--raw")
    #expect(raw.output == rows.joined().flatMap { StoreFixture.row($0) })
    #expect(
      try store.succeed("lookup", "ds/layer1", "--tokens", "5").text.contains("4-gram head 7"))
  }

  private func tokensFile() throws -> String {
    let path = store.scratch("tokens-\(UUID().uuidString).jsonl")
    try DurableFile.write("{\"token_ids\":[22898,19737,270]}\n", to: path)
    return path
  }

  @Test func lookupByTextIsLookupByItsTokens() throws {
    let tokenizer = StoreFixture.root.appendingPathComponent(".cache/tokenizer/tokenizer.json").path
    try #require(
      DurableFile.size(of: tokenizer) != nil,
      "no tokenizer at \(tokenizer): run Tools/fetch-tokenizer")
    let text = "Alexander the Great"
    let ids = try #require(
      expectSuccess(["tokenize", "--tokenizer", tokenizer, "--text", text]).objects().first?["ids"]
        as? [Int])
    let byText = try store.succeed(
      "lookup", "ds/layer14", "--text", text, "--tokenizer", tokenizer, "--raw")
    let byTokens = try store.succeed(
      "lookup", "ds/layer14", "--tokens", ids.map(String.init).joined(separator: ","), "--raw")
    #expect(byText.output == byTokens.output && byText.output.count == ids.count * 24 * 66)
  }

  @Test func verifyReadsEverything() throws {
    #expect(try store.succeed("verify").lines.count == 4)
    let line = try #require(
      store.succeed("verify", "ds/layer1@2", "--format", "json").objects().first)
    #expect(line["problems"] as? [String] == [])
    #expect(
      line["rows"] as? Int == StoreFixture.made["layers.1.engram.embed.weight"].shape[0])
  }

  @Test func exportGivesTheFilesBack() throws {
    let out = store.scratch("out-\(UUID().uuidString)")
    let printed = try store.succeed("export", "ds/layer1", "ds/layer14@1", "--to", out)
    #expect(
      printed.lines.map(String.init) == ["layer1", "layer14"].map { "\(out)/\($0).safetensors" })
    for name in ["layer1", "layer14"].map({ "/\($0).safetensors" }) {
      #expect(try DurableFile.read(out + name) == DurableFile.read(store.checkpoint + name))
    }
  }

  @Test func dropTakesOneVersionOrAll() throws {
    let copy = try StoreFixture.copy()
    #expect(try copy.succeed("drop", "ds/layer1@1").text == "dropped ds/layer1@1\n")
    #expect(try copy.listed() == ["ds/layer1@2", "ds/layer14@1", "ds/layer14@2"])
    try copy.succeed("drop", "ds/layer14", "--all")
    #expect(try copy.listed() == ["ds/layer1@2"])
    #expect(try DurableFile.names(in: copy.path + "/tables").count == 1)
    expectFailure(try copy.run("drop", "ds/layer1"), ["names no version"])
    expectFailure(try copy.run("drop", "ds/layer14@1"), ["no table ds/layer14"])
  }

  @Test func manyProcessesReadTheSameBytesAtOnce() throws {
    let rows = (0..<2000).map { $0 * 7919 % 7000 }
    let list = rows.map(String.init).joined(separator: ",")
    let processes = try (0..<8).map { number in
      try EngramProcess([
        "memory", "lookup", "ds/layer\(number % 2 == 0 ? 1 : 14)@\(number / 4 + 1)", "--rows", list,
        "--raw", "--store", store.path,
      ])
    }
    for (number, process) in processes.enumerated() {
      let layer = number % 2 == 0 ? 1 : 14
      let outcome = try process.outcome()
      #expect(outcome.status == 0 && outcome.errors == "")
      #expect(outcome.output == rows.flatMap { StoreFixture.row($0, layer: layer) })
    }
  }
}
