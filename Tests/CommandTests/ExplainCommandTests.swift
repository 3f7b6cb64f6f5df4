import Files
import Foundation
import SeededRandom
import TestCheckpoints
import Testing

@Suite(.serialized) struct ExplainCommandTests {
  private let fixture: TrainFixture

  /// A trained memory, counts and an index of the same texts; made once.
  private static let made: Result<TrainFixture, any Error> = Result {
    let fixture = try TrainFixture.shared.get()
    _ = try fixture.train("--as", "explained", "--epochs", "1")
    let place = ["--store", fixture.store]
    try expectSuccess(
      [
        "memory", "count", "text", "--tokenizer", fixture.tokenizer, "--orders", "2-3", "--as",
        "explained",
      ] + place)
    try expectSuccess(["index", "build", "text"] + place)
    return fixture
  }

  init() throws { fixture = try Self.made.get() }

  private func arguments(_ options: [String]) -> [String] {
    ["explain"] + options
      + ["--memory", "explained", "--tokenizer", fixture.tokenizer, "--store", fixture.store]
  }

  /// The beginning of a text of the dataset: two words that stand there.
  private func phrase() throws -> String {
    let text = try DurableFile.read(fixture.scratch("text.jsonl"))
    return String(decoding: text[9..<9 + 15], as: UTF8.self)
  }

  @Test func whatIsShownIsWhatTheOtherCommandsSay() throws {
    let text = try phrase()
    let line = try #require(
      expectSuccess(
        arguments([
          text, "--counts", "explained", "--dataset", "text", "--nearest-among", "500", "--format",
          "json",
        ])
      ).objects().first)
    #expect(line["text"] as? String == text)
    let tokens = try #require(line["tokens"] as? [[String: Any]])
    let lookup = try expectSuccess([
      "memory", "lookup", "explained", "--text", text, "--tokenizer", fixture.tokenizer,
      "--store", fixture.store, "--format", "json",
    ]).objects()
    try #require(tokens.count == lookup.count && tokens.count == 15)
    for (token, other) in zip(tokens, lookup) {
      let ngrams = try #require(token["ngrams"] as? [[String: Any]])
      let rows = ngrams.flatMap { $0["rows"] as? [[String: Any]] ?? [] }
      #expect(rows.compactMap { $0["id"] as? Int } == other["rows"] as? [Int])
      let norms = other["norms"] as? [Double] ?? []
      for (row, norm) in zip(rows, norms) {
        #expect(abs((row["norm"] as? Double ?? -1) - norm) <= 1e-5 * norm)
      }
      let gates = try #require(token["gates"] as? [Double])
      #expect(!gates.isEmpty && gates.allSatisfy { (0...1).contains($0) })
    }
    let last = try #require((tokens[14]["ngrams"] as? [[String: Any]])?[1])
    let counted = try expectSuccess([
      "memory", "counts", "get", "explained", "--text", String(text.suffix(3)), "--tokenizer",
      fixture.tokenizer, "--store", fixture.store, "--format", "json",
    ]).objects()
    #expect(last["count"] as? Int == counted.first?["count"] as? Int)
    #expect((last["count"] as? Int ?? 0) > 0)
    let passages = try #require(last["passages"] as? [String: Any])
    // The last letters are completed to their word.
    #expect(passages["phrase"] as? String == String(text.suffix(7)))
    let found = try #require(passages["found"] as? [[String: Any]])
    #expect(!found.isEmpty && found.allSatisfy { $0["match"] as? String == String(text.suffix(7)) })
    #expect((last["nearest"] as? [Any])?.count == 5)
  }

  @Test func theTextOutputNamesEverything() throws {
    let outcome = try expectSuccess(
      arguments([try phrase(), "--counts", "explained", "--dataset", "text"]))
    for words in ["explained@1", "token 14", "3-gram", "head 3  row", "seen", "near:", "passages"] {
      #expect(outcome.text.contains(words), "no \(words)")
    }
    #expect(!outcome.text.contains("\u{1B}"))
  }

  @Test func aPageIsWrittenWholeOrNotAtAll() throws {
    let page = fixture.scratch("page.html")
    let outcome = try engram(arguments(["</script>", "--html", page]))
    #expect(outcome.status == 0)
    let html = String(decoding: try DurableFile.read(page), as: UTF8.self)
    #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
    #expect(html.components(separatedBy: "</script").count == 3)
    expectFailure(
      try engram(arguments(["a", "--html", fixture.scratch("no/such/page.html")])),
      ["no/such/page.html"])
  }

  @Test func gatesOfAModelFolderAreThoseOfMemoryGate() throws {
    let tokenizer = StoreFixture.root.appendingPathComponent(".cache/tokenizer/tokenizer.json").path
    try #require(
      DurableFile.size(of: tokenizer) != nil,
      "no tokenizer at \(tokenizer): run Tools/fetch-tokenizer")
    let scratch = try ScratchFolder()
    try Self.modelWithWeights().write(to: scratch("model"))
    let place = ["--store", scratch("store"), "--format", "json"]
    try expectSuccess(
      ["memory", "import", "--from", scratch("model"), "--name", "ds", "--token-map"]
        + [StoreFixture.tokenMap] + place)
    let text = "Alexander the Great"
    let gates = try expectSuccess(
      ["memory", "gate", "ds/layer1", "--from", scratch("model"), "--text", text]
        + ["--tokenizer", tokenizer, "--seed", "3"] + place
    ).objects().map { $0["gate"] as? [Double] }
    let line = try #require(
      expectSuccess(
        ["explain", text, "--memory", "ds/layer1", "--model", scratch("model"), "--seed", "3"]
          + ["--tokenizer", tokenizer] + place
      ).objects().first)
    let tokens = try #require(line["tokens"] as? [[String: Any]])
    #expect(tokens.map { $0["gates"] as? [Double] } == gates)
    #expect(Set(gates.compactMap { $0 }.joined()).count == 4 * gates.count)
    #expect(try #require(tokens.last?["ngrams"] as? [Any]).count == 3)
  }

  /// DeepSeek's format with one layer, its fusion weights, and no numbers that are none.
  private static func modelWithWeights() -> MadeCheckpoint {
    var made = MadeCheckpoint.deepSeek(layers: [1])
    var random = SeededGenerator(seed: 8)
    for index in made.tensors.indices {
      let tensor = made.tensors[index]
      switch tensor.type {
      case .f8e4m3: made.tensors[index].bytes = tensor.bytes.map { $0 & 0xB7 }
      case .f8e8m0: made.tensors[index].bytes = tensor.bytes.map { _ in 127 }
      default: made.tensors[index].bytes = normal(tensor.bytes.count / 4, &random)
      }
    }
    let name = "layers.1.engram."
    made.tensors += [
      .init(
        name + "wkv.weight", .f8e4m3, [40, 1536],
        random.bytes(40 * 1536).map { $0 & 0xB7 }, file: "other"),
      .init(
        name + "wkv.scale", .f8e8m0, [2, 48], [UInt8](repeating: 127, count: 96), file: "other"),
      .init(name + "k_weight", .f32, [4, 8], normal(32, &random), file: "other"),
    ]
    return made
  }

  private static func normal(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
    (0..<count).flatMap { _ in
      withUnsafeBytes(of: Float.random(in: 0.5...1.5, using: &random)) { Array($0) }
    }
  }

  @Test func badInputIsOneClearLine() throws {
    try Data([97, 0xFF, 98]).write(to: URL(fileURLWithPath: fixture.scratch("latin")))
    let cases: [([String], [String])] = [
      ([""], ["has no tokens"]),
      ([String(repeating: "a ", count: 2000)], ["4000 tokens", "at most 2000"]),
      (["--file", fixture.scratch("latin")], ["not UTF-8", "at 1"]),
      (["--file", fixture.scratch("none")], ["cannot open"]),
      (["--file", fixture.store], ["cannot read"]),
      (["--file", "/dev/null"], ["has no tokens"]),
      (["a", "--counts", "none"], ["none"]),
      (["a", "--dataset", "none"], ["none"]),
      (["a", "--model", fixture.scratch("none")], [fixture.scratch("none")]),
      (["a", "--model", fixture.scratch("latin")], [fixture.scratch("latin")]),
    ]
    for (options, words) in cases { expectFailure(try engram(arguments(options)), words) }
    for options in [[], ["a", "--file", "x"], ["a", "--nearest", "-1"], ["a", "--hidden", "x"]] {
      expectFailure(try engram(arguments(options)), code: 64)
    }
    let other = fixture.scratch("other.json")
    try DurableFile.write(TrainFixture.byteTokenizer(adding: ["ab"]), to: other)
    expectFailure(
      try engram([
        "explain", "a", "--memory", "explained", "--tokenizer", other, "--store", fixture.store,
      ]))
  }

  @Test func anArgumentThatIsNoTextIsRefused() throws {
    let outcome = try EngramProcess(
      Array(arguments([]).dropFirst()), prelude: "set -- explain \"$(printf 'a\\377')\" \"$@\""
    ).outcome()
    #expect(outcome.status != 0 && !outcome.isCrash)
    #expect(outcome.errors.contains("UTF-8"), "\(outcome.errors)")
  }
}
