import Foundation
import Testing

@Suite struct DatasetReadingTests {
  private let store: DatasetFixture

  init() throws { store = try DatasetFixture.shared.get() }

  @Test func listShowsTheNewestOrEveryVersion() throws {
    let newest = try store.succeed("dataset", "list", "--format", "json").objects()
    #expect(newest.map { $0["name"] as? String } == ["docs", "ids", "packed", "raw"])
    #expect(newest.map { $0["versions"] as? Int } == [2, 1, 1, 1])
    #expect(newest[0]["version"] as? Int == 2 && newest[0]["samples"] as? Int == 300)
    #expect(
      newest[0]["bytes"] as? Int == DatasetFixture.second.reduce(0) { $0 + $1.bytes.count })
    let all = try store.succeed("dataset", "list", "--all", "--format", "json").objects()
    #expect(all.count == 5 && all[0]["message"] as? String == "first")
    // A message with a line end stays on its line.
    #expect(try store.succeed("dataset", "list", "--all").lines.count == 6)
    #expect(try store.succeed("dataset", "list").text.contains(#"second\n\u{07}"#))
  }

  @Test func showCountsChunksAgainstTheParent() throws {
    let first = try #require(
      store.succeed("dataset", "show", "docs@1", "--format", "json").objects().first)
    let second = try #require(
      store.succeed("dataset", "show", "docs", "--format", "json").objects().first)
    let chunks = try #require(first["chunks"] as? Int)
    #expect(chunks >= 4)
    #expect(first["newChunks"] as? Int == chunks && first["sharedChunks"] as? Int == 0)
    // Samples that did not change are not stored again.
    #expect(second["newChunks"] as? Int == 1 && second["sharedChunks"] as? Int == chunks)
    #expect((second["parent"] as? [String: Any])?["version"] as? Int == 1)
    #expect((second["identity"] as? String)?.count == 64)
    #expect(try #require(second["fileBytes"] as? Int) > #require(first["fileBytes"] as? Int))
    #expect((second["extents"] as? Int ?? 0) > chunks && second["pages"] as? Int == 1)
    let text = try store.succeed("dataset", "show", "packed").text
    for word in ["packed@1", "4 bytes each", "document starts kept", "none", "nowhere", "a=b"] {
      #expect(text.contains(word), "\(text)")
    }
  }

  @Test func logShowsTheNewestFirst() throws {
    let lines = try store.succeed("dataset", "log", "docs", "--format", "json").objects()
    #expect(lines.map { $0["version"] as? Int } == [2, 1])
    #expect(lines.map { $0["removedChunks"] as? Int } == [0, 0])
    #expect(lines[0]["addedChunks"] as? Int == 1)
    #expect(try store.succeed("dataset", "log", "docs").text.contains("+1/-0"))
    expectFailure(try store.run("dataset", "log", "docs@1"), ["leave @1 away"])
  }

  @Test func catGivesTheTextExactly() throws {
    let documents = DatasetFixture.first
    let some = try store.succeed("dataset", "cat", "docs@1", "10-12", "3", "299")
    #expect(some.output == [10, 11, 12, 3, 299].flatMap { Array(documents[$0].text.utf8) })
    let all = try store.succeed("dataset", "cat", "docs@1")
    #expect(all.output == documents.flatMap { Array($0.text.utf8) })
    let found = try store.succeed("dataset", "cat", "docs@1", "--id", "doc250")
    #expect(found.text == documents[250].text)
    let withMetadata = try store.succeed("dataset", "cat", "docs@1", "5", "--metadata")
    #expect(
      withMetadata.text == #"{"id":"doc5","path":"rest/doc5.txt"}"# + "\n" + documents[5].text)
  }

  @Test func catGivesJSONLines() throws {
    let lines = try store.succeed(
      "dataset", "cat", "docs@1", "3-5", "--format", "json", "--metadata"
    ).objects()
    #expect(lines.map { $0["number"] as? Int } == [3, 4, 5])
    #expect(lines.map { $0["id"] as? String } == ["doc3", "doc4", "doc5"])
    #expect(lines.map { $0["text"] as? String } == DatasetFixture.first[3...5].map(\.text))
    #expect((lines[0]["metadata"] as? [String: Any])?["path"] as? String == "rest/doc3.txt")
    let plain = try store.succeed("dataset", "cat", "docs@1", "3", "--format", "json").objects()
    #expect(plain[0]["metadata"] == nil)
  }

  @Test func catGivesTokensAndBytes() throws {
    for name in ["ids", "packed"] {
      let lines = try store.succeed("dataset", "cat", name).lines
      #expect(
        try lines.map { try JSONDecoder().decode([UInt32].self, from: Data($0.utf8)) }
          == DatasetFixture.ids)
    }
    let packed = try store.succeed("dataset", "cat", "packed", "0-1", "--format", "json").objects()
    #expect(packed.map { $0["starts"] as? [Int] } == [[], [0]])
    #expect(try store.succeed("dataset", "cat", "raw").output == [0, 1, 255, 10])
    let raw = try store.succeed("dataset", "cat", "raw", "0", "--format", "json").objects()
    #expect(raw.first?["base64"] as? String == "AAH/")
  }

  @Test func wrongNumbersAndNamesAreOneLine() throws {
    for (arguments, word) in [
      (["cat", "docs@1", "300"], "no sample 300"), (["cat", "docs@1", "x"], "no sample number"),
      (["cat", "docs@1", "5-2"], "ends before it begins"),
      (["cat", "docs@1", "1-"], "no sample number"),
      (["cat", "docs@1", "0-99999999999999999999"], "no sample number"),
      (["cat", "docs@1", "--id", "nobody"], "no document nobody"),
      (["cat", "ids", "--metadata"], "holds tokens"),
      (["show", "other"], "docs, ids, packed, raw"),
      (["show", "docs@9"], "no version 9"), (["head", "a b"], "no dataset name"),
      (["stats", "docs@9"], "no version 9"), (["head", "docs", "--from", "301"], "no sample 301"),
      (["diff", "docs", "ids"], "holds tokens"), (["order", "docs", "--rank", "1"], "rank 1"),
      (["order", "docs", "--ranks", "0"], "rank"),
      (["order", "docs", "--order", "chunked", "--window", "0"], "window"),
      (["order", "docs", "--digest", "--resume-at", "301"], "position 301"),
    ] {
      expectFailure(try engram(["dataset"] + arguments + ["--store", store.path]), [word])
    }
    for arguments in [
      ["cat", "docs", "1", "--id", "x"], ["head", "docs", "-n", "-1"],
      ["order", "docs", "--digest", "--rank", "0"], ["order", "docs", "--resume-ranks", "2"],
    ] {
      expectFailure(
        try engram(["dataset"] + arguments + ["--store", store.path]), code: 64, ["--help"])
    }
  }

  @Test func headShowsALineASample() throws {
    let text = try store.succeed("dataset", "head", "docs@1", "-n", "5")
    #expect(text.lines.count == 6)
    #expect(!text.output.contains(0x1B) && text.text.contains(#"text of 4, é 汉\n\u{1B}[31m"#))
    let lines = try store.succeed(
      "dataset", "head", "docs@1", "-n", "2", "--from", "298", "--width", "8", "--format", "json"
    ).objects()
    #expect(lines.map { $0["number"] as? Int } == [298, 299])
    #expect(lines[1]["id"] as? String == "doc299" && lines[1]["preview"] as? String == "text of …")
    #expect(lines[1]["bytes"] as? Int == DatasetFixture.first[299].bytes.count)
    #expect(try store.succeed("dataset", "head", "ids", "-n", "4").text.contains("1 8 15"))
    #expect(try store.succeed("dataset", "head", "raw").text.contains("00 01 ff"))
  }

  @Test func commandsOfAnEmptyOrMissingStore() throws {
    let missing = store.scratch("missing")
    for arguments in [
      ["dataset", "list"], ["dataset", "cat", "docs"], ["gc"], ["verify"],
      ["dataset", "drop", "docs@1"], ["dataset", "verify"],
    ] {
      expectFailure(
        try engram(arguments + ["--store", missing]), ["no store at", "ingest a dataset"])
    }
    #expect(!FileManager.default.fileExists(atPath: missing))
  }
}
