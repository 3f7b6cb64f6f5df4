import Digests
import Files
import Foundation
import Safetensors
import TestCheckpoints
import Testing

/// Counts of a text of letters, a list of its N-grams, vectors that say which line they are, a table.
@Suite struct GraftCommandTests {
  private let ingest: IngestFixture
  private var tokenizer: String { ingest.scratch("tokenizer.json") }
  private var list: String { ingest.scratch("ngrams.jsonl") }
  private var vectors: String { ingest.scratch("vectors.safetensors") }

  /// Compressed by case: a and A are one token.
  private static let text = "abcabcABDabcabdHhhgAbc"
  private static let width = 4

  init() throws {
    ingest = try IngestFixture()
    try ingest.write("a.txt", Self.text)
    try ingest.succeed()
    var entries: [String] = []
    for (index, letter) in "abcdefgh".enumerated() {
      entries.append("\"\(letter)\":\(2 * index)")
      entries.append("\"\(letter.uppercased())\":\(2 * index + 1)")
    }
    try DurableFile.write(
      """
      {"model":{"type":"BPE","vocab":{\(entries.joined(separator: ","))},"merges":[]},
       "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":false},
       "decoder":{"type":"ByteLevel"}}
      """, to: ingest.scratch("tokenizer.json"))
  }

  private func memory(_ arguments: [String]) throws -> EngramProcess.Outcome {
    try engram(["memory"] + arguments + ["--store", ingest.store])
  }

  @discardableResult
  private func succeed(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> EngramProcess.Outcome {
    try expectSuccess(
      ["memory"] + arguments + ["--store", ingest.store], sourceLocation: sourceLocation)
  }

  private func count(_ options: String..., name: String = "counts") throws {
    try expectSuccess(
      ["memory", "count", "d", "--tokenizer", tokenizer, "--orders", "2-3", "--as", name]
        + options + ["--store", ingest.store])
  }

  private func writeVectors(count: Int) throws {
    let writer = try SafetensorsWriter(
      creating: vectors,
      tensors: [TensorDeclaration(name: "vectors", type: .f32, shape: [count, Self.width])],
      metadata: [
        "ngrams": try DurableFile.read(list).withUnsafeBytes { SHA256Digest(of: $0) }.description,
        "layer": "5",
      ])
    for row in 0..<count {
      let numbers = (0..<Self.width).map { Float(row * Self.width + $0) }
      let bytes = numbers.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
      try bytes.withUnsafeBytes { try writer.append($0, to: "vectors") }
    }
    try writer.finish()
  }

  /// The N-grams of orders 2 and 3 that occur twice or more, lower case.
  private func plainCounts() -> [String: Int] {
    let letters = Array(Self.text.lowercased())
    var counts: [String: Int] = [:]
    for order in 2...3 {
      for start in 0...letters.count - order {
        counts[String(letters[start..<start + order]), default: 0] += 1
      }
    }
    return counts.filter { $0.value >= 2 }
  }

  private func lines() throws -> [[String: Any]] {
    try String(decoding: DurableFile.read(list), as: UTF8.self).split(separator: "\n").map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  /// - Returns: the N-grams' texts in the list's order.
  @discardableResult
  private func makeTable() throws -> [String] {
    try count()
    try succeed(
      "graft", "list", "counts", "--top", "1000", "--tokenizer", tokenizer, "--to", list)
    let texts = try lines().dropFirst().map { try #require($0["text"] as? String) }
    try writeVectors(count: texts.count)
    try succeed(
      "graft", "load", vectors, "--ngrams", list, "--as", "grafted", "--codec", "f32",
      "--tokenizer", tokenizer)
    return texts
  }

  @Test func theListIsWhatOccursMostOften() throws {
    try makeTable()
    let head = try lines()[0]
    #expect(head["tokens"] as? String == "mapped" && head["compressed"] as? Int == 8)
    #expect(head["vocabulary"] as? Int == 16)
    let expected = plainCounts()
    #expect(head["ngrams"] as? Int == expected.count)
    var counts: [Int] = []
    for line in try lines().dropFirst() {
      let text = try #require(line["text"] as? String)
      counts.append(try #require(line["count"] as? Int))
      #expect(expected[text] == counts.last)
      // a is id 0 raw and compressed, b 2 and 1...: lower case comes first.
      let places = text.utf8.map { Int($0) - 97 }
      #expect(line["tokens"] as? [Int] == places)
      #expect(line["raw"] as? [Int] == places.map { 2 * $0 })
    }
    #expect(counts == counts.sorted(by: >))
    let top = ingest.scratch("top.jsonl")
    let summary = try succeed(
      "graft", "list", "counts", "--top", "3", "--orders", "3", "--min-count", "2", "--tokenizer",
      tokenizer, "--to", top, "--format", "json"
    ).objects()[0]
    #expect(summary["ngrams"] as? Int == expected.filter { $0.key.count == 3 }.count.clamped(to: 3))
  }

  @Test func aLookupSaysTheNgramOrThatThereIsNoRow() throws {
    let texts = try makeTable()
    let text = "xABCddAbgh".filter { "abcdefgh".contains($0.lowercased()) }
    let letters = Array(text.lowercased())
    let found = try succeed(
      "lookup", "grafted", "--text", text, "--tokenizer", tokenizer, "--format", "json"
    ).objects()
    #expect(found.count == letters.count)
    var misses = 0
    for (position, line) in found.enumerated() {
      let ngram = [3, 2].lazy.filter { position + 1 >= $0 }
        .map { String(letters[position + 1 - $0...position]) }.first(where: texts.contains)
      let match = line["match"] as? [String: Any]
      guard let ngram else {
        misses += 1
        #expect(line["match"] is NSNull)
        continue
      }
      #expect(match?["order"] as? Int == ngram.count)
      #expect((match?["text"] as? String)?.lowercased() == ngram)
      let place = try #require(texts.firstIndex(of: ngram))
      #expect(match?["first"] as? [Float] == (0..<4).map { Float(4 * place + $0) })
    }
    #expect(misses > 0 && misses < letters.count)
    // Without a tokenizer the table's own map serves; people read the same.
    let plain = try succeed("lookup", "grafted", "--tokens", "0,3,4,6").text
    #expect(plain.contains("3-gram 0,3,4  row ") && plain.contains("  no row"))
    let raw = try succeed("lookup", "grafted", "--tokens", "0,3,4", "--raw").output
    #expect(raw.count == 3 * 16 && raw.prefix(16).allSatisfy { $0 == 0 })
    #expect(try succeed("lookup", "grafted", "--rows", "0", "--raw").output.count == 16)
  }

  @Test func exactTablesAreShownAndVerified() throws {
    let texts = try makeTable()
    let shown = try succeed("inspect", "grafted").text
    for words in [
      "\(texts.count) N-grams of 2 to 3 tokens", "16 ids mapped to 8", "vectors: layer",
    ] {
      #expect(shown.contains(words), "\(shown)")
    }
    #expect(try succeed("list").text.contains("N-gram"))
    let listed = try succeed("list", "--format", "json").objects()[0]
    #expect((listed["exact"] as? [String: Any])?["longest"] as? Int == 3)
    #expect(try succeed("verify").text.contains("all as published"))
    try succeed("convert", "grafted", "--codec", "bf16", "--as", "small")
    #expect(
      try succeed("lookup", "small", "--tokens", "0,2,4").text
        == succeed("lookup", "grafted", "--tokens", "0,2,4").text)
    try succeed("drop", "grafted", "--all")
  }

  @Test func badInputIsOneLineAndLosesNothing() throws {
    try makeTable()
    let other = ingest.scratch("other.json")
    let json = String(decoding: try DurableFile.read(tokenizer), as: UTF8.self)
    try DurableFile.write(json + " ", to: other)
    try DurableFile.write("{\"format\":\"engram-ngrams\"}\n", to: ingest.scratch("bad.jsonl"))
    let to = ingest.scratch("new.jsonl")
    let list = ["graft", "list", "counts", "--top", "5", "--to", to, "--tokenizer"]
    let load = ["graft", "load", vectors, "--as", "g", "--ngrams"]
    let cases: [([String], [String])] = [
      (list + [other], ["of the tokenizer"]), (list + ["/nowhere"], ["/nowhere"]),
      (list + [tokenizer, "--min-count", "1000"], ["no N-gram", "--min-count"]),
      (list + [tokenizer, "--orders", "4"], ["4"]),
      (["graft", "list", "none", "--top", "5", "--to", to, "--tokenizer", tokenizer], ["none"]),
      (load + ["/nowhere"], ["/nowhere"]), (load + [ingest.scratch("bad.jsonl")], ["no version"]),
      (load + [self.list, "--tensor", "x"], ["x"]),
      (load + [self.list, "--codec", "fp8e4m3", "--tokenizer", "/nowhere"], ["/nowhere"]),
      (["lookup", "grafted", "--tokens", "0,16"], ["16"]),
      (["gate", "grafted", "--from", "/", "--text", "a", "--tokenizer", tokenizer], ["is exact"]),
      (["lookup", "grafted", "--tokens", "-1"], ["-1"]),
      (["lookup", "grafted", "--rows", "-1"], ["row -1"]),
      (["lookup", "grafted", "--text", "a", "--tokenizer", other], ["of the tokenizer"]),
    ]
    for (arguments, words) in cases { expectFailure(try memory(arguments), words) }
    for orders in ["0", "3-2", "x", "2-3-4", ""] {
      expectFailure(try memory(list + [tokenizer, "--orders", orders]), code: 64, ["--orders"])
    }
    expectFailure(
      try memory(["graft", "list", "counts", "--top", "0", "--to", to, "--tokenizer", tokenizer]),
      code: 64, ["--top"])
    #expect(DurableFile.size(of: to) == nil)
    try writeVectors(count: 2)
    expectFailure(try memory(load + [self.list]), ["2 vectors for"])
    #expect(try succeed("list", "--format", "json").lines.count == 1)
  }

  @Test func rawCountsNeedNoMap() throws {
    try count("--raw-tokens", name: "raw")
    try succeed("graft", "list", "raw", "--top", "9", "--tokenizer", tokenizer, "--to", list)
    let head = try lines()[0]
    #expect(head["tokens"] as? String == "raw" && head["vocabulary"] as? Int == 16)
    let first = try lines()[1]
    #expect(first["raw"] == nil && first["text"] as? String == "ab")
    try writeVectors(count: try lines().count - 1)
    try succeed("graft", "load", vectors, "--ngrams", list, "--as", "raw")
    #expect(try succeed("lookup", "raw", "--tokens", "0,2").text.contains("2-gram 0,2  row"))
    #expect(try succeed("lookup", "raw", "--tokens", "1,3").text.contains("no row"))
  }
}

extension Int {
  fileprivate func clamped(to most: Int) -> Int { Swift.min(self, most) }
}
