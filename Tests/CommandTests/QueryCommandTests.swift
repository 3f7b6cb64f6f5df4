import Files
import Foundation
import Testing

@Suite struct QueryCommandTests {
  @Test func answersAreLinesOfJSONOrTextOrAPrompt() throws {
    let fixture = try IndexFixture.shared.get()
    let found = try fixture.objects("query", "cats purr day", "--dataset", "d", "--format", "json")
    let first = try #require(found.first)
    #expect(first["source"] as? String == "guide/cats.md" && first["rank"] as? Int == 1)
    #expect(first["title"] as? String == "Of cats" && first["version"] as? Int == 1)
    let text = try #require(first["text"] as? String)
    let whole = Array(try #require(IndexFixture.texts["guide/cats.md"]).utf8)
    let range = try #require(first["start"] as? Int)..<(try #require(first["end"] as? Int))
    #expect(Array(text.utf8) == Array(whole[range]))
    let plain = try fixture.run("query", "purrs", "--dataset", "d", "--explain-score")
    #expect(plain.status == 0 && plain.text.hasPrefix("1. Of cats  "))
    #expect(plain.text.contains("purrs: 1 here, in 1 passages"))
    #expect(!plain.text.contains("\u{1B}"))
    let context = try fixture.run(
      "query", "cats dogs", "--dataset", "d", "--format", "context", "--max-tokens", "60")
    #expect(context.text.hasPrefix("[1] Of ") && context.output.count <= 180)
  }

  @Test func questionsOfAFileBecomeARun() throws {
    let fixture = try IndexFixture.shared.get()
    let questions = fixture.scratch("q.jsonl")
    try """
    {"id":"cats","text":"cats purr"}
    {"id":7,"text":"where is a \\"quote that does not close"}
    {"id":"zh","text":"猫 睡觉"}
    {"id":"none","text":"?!"}
    """.write(toFile: questions, atomically: true, encoding: .utf8)
    let run = fixture.scratch("run.trec")
    let outcome = try fixture.run(
      "query", "--dataset", "d", "--queries", questions, "--out", run, "-k", "5")
    #expect(outcome.status == 0 && outcome.errors.contains("in 1 lines, the first is 2"))
    let lines = try String(contentsOfFile: run, encoding: .utf8).split(separator: "\n")
    #expect(lines.first?.hasPrefix("cats Q0 guide/cats.md 1 ") == true)
    #expect(lines.contains { $0.hasPrefix("zh Q0 notes/zh.txt 1 ") })
    #expect(!lines.contains { $0.hasPrefix("none ") })
    // A document stands once in the answer to a question.
    let pairs = lines.map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
    #expect(Set(pairs).count == pairs.count)
    let qrels = fixture.scratch("qrels")
    try "cats 0 guide/cats.md 1\nzh 0 notes/zh.txt 1\nnone 0 guide/cats.md 1\n"
      .write(toFile: qrels, atomically: true, encoding: .utf8)
    let direct = try fixture.run(
      "index", "evaluate", "d", "--queries", questions, "--qrels", qrels, "--format", "json"
    ).objects()
    let ofRun = try fixture.objects(
      "index", "evaluate", "--run", run, "--qrels", qrels, "--format", "json")
    let measures = try #require(direct.last?["measures"] as? [String: Double])
    #expect(measures == ofRun.last?["measures"] as? [String: Double])
    #expect(abs((measures["ndcg@10"] ?? 0) - 2.0 / 3) < 1e-12)
  }

  @Test func whatCannotBeAskedIsOneLine() throws {
    let fixture = try IndexFixture.shared.get()
    func refused(_ words: [String], _ arguments: String..., code: Int32 = 1) throws {
      expectFailure(try engram(arguments + ["--store", fixture.store]), code: code, words)
    }
    let d = "--dataset"
    try refused(["question"], "query", "", d, "d")
    try refused(["no words"], "query", "?! ...", d, "d")
    try refused(["quote"], "query", "a \"phrase that goes on", d, "d")
    try refused(["no dataset e", "there are: d"], "query", "cats", d, "e")
    try refused(["version 1"], "query", "cats", d, "d@3")
    try refused(["colour", "ask for"], "query", "cats", d, "d", "--where", "colour=red")
    try refused(["cats"], "query", "cats", d, "d", "--where", "cats")
    try refused(["no vectors"], "query", "cats", d, "d", "--mode", "dense")
    try refused(["--dataset"], "query", "cats", code: 64)
    try refused(["--queries"], "query", d, "d", code: 64)
    try refused(["--out"], "query", d, "d", "--queries", "x", code: 64)
    try refused(["-k"], "query", "cats", d, "d", "-k", "0", code: 64)
    let many = (0..<20_000).map { "x\($0)" }.joined(separator: " ")
    try refused([], "query", many, d, "d")
    let bad = fixture.scratch("bad.jsonl")
    for (text, words) in [
      ("{\"id\":1,\"text\":\"a\"}\n{\"id\":1,\"text\":\"b\"}", ["line 2", "before"]),
      ("{\"id\":1}", ["line 1", "text"]), ("[1]", ["line 1", "object"]), ("{", ["line 1", "JSON"]),
    ] {
      try text.write(toFile: bad, atomically: true, encoding: .utf8)
      try refused(words, "query", d, "d", "--queries", bad, "--out", fixture.scratch("r"))
      #expect(!FileManager.default.fileExists(atPath: fixture.scratch("r")))
    }
    let latin = try EngramProcess(
      ["query", "--dataset", "d", "--store", fixture.store],
      prelude: "set -- \"$@\" \"$(printf 'caf\\351 cats')\""
    ).outcome()
    #expect(!latin.isCrash)
  }

  @Test func whatCannotBeIndexedIsOneLine() throws {
    let fixture = try IndexFixture()
    func refused(_ words: [String], _ arguments: String..., code: Int32 = 1) throws {
      expectFailure(try engram(arguments + ["--store", fixture.store]), code: code, words)
    }
    try refused(["klingon"], "index", "build", "d", "--stem", "klingon")
    try refused(["--passage-tokens"], "index", "build", "d", "--passage-tokens", "3")
    try refused(["e"], "index", "build", "e")
    try refused(["tokenizer.json"], "index", "build", "d", "--embed", fixture.scratch("texts"))
    let vectors = fixture.scratch("v.npy")
    try "no vectors".write(toFile: vectors, atomically: true, encoding: .utf8)
    try refused([vectors], "index", "build", "d", "--vectors", vectors)
    try refused(["--all"], "index", "drop", "d")
    // Nothing was lost on the way.
    #expect(try fixture.run("query", "purrs", "--dataset", "d").status == 0)
    #expect(try fixture.run("verify").status == 0)
  }

  /// A bit flipped in any file of an index, or a file gone: an error or the right answer.
  @Test func damageIsNeverAnAnswer() throws {
    let fixture = try IndexFixture()
    let query = [
      "query", "cats dogs day", "--dataset", "d", "--format", "json", "--store", fixture.store,
    ]
    let right = try expectSuccess(query).output
    let tables = fixture.store + "/tables"
    let files = try FileManager.default.subpathsOfDirectory(atPath: tables)
      .map { tables + "/" + $0 }.filter { (DurableFile.size(of: $0) ?? 0) > 0 }
      .filter { !DurableFile.isFolder($0) }
    #expect(files.count > 9)
    for (number, file) in files.enumerated() {
      let good = try DurableFile.read(file)
      var bad = good
      bad[number * 31 % bad.count] ^= 1 << (number % 8)
      try bad.withUnsafeBytes { try DurableFile.write($0, to: file) }
      let verify = try fixture.run("index", "verify", "d")
      #expect(verify.status == 1 && !verify.isCrash && verify.text.contains("d@1: "), "\(file)")
      let answer = try engram(query)
      #expect(!answer.isCrash && (answer.status == 1 || answer.output == right), "\(file)")
      if answer.status == 1 { expectFailure(answer) }
      try DurableFile.remove(file)
      let missing = try engram(query)
      #expect(!missing.isCrash && (missing.status == 1 || missing.output == right), "\(file)")
      try good.withUnsafeBytes { try DurableFile.write($0, to: file) }
    }
    #expect(try expectSuccess(query).output == right)
  }

  @Test func anIndexIsTakenOverByTheNextVersion() throws {
    let fixture = try IndexFixture()
    _ = try expectSuccess(["index", "build", "d", "--stem", "en", "--store", fixture.store])
    try "Cats slept, cats sleep.\n".write(
      toFile: fixture.scratch("texts/more.txt"), atomically: true, encoding: .utf8)
    _ = try expectSuccess(
      ["ingest", fixture.scratch("texts"), "--dataset", "d", "--store", fixture.store])
    let stale = try fixture.run("query", "purr", "--dataset", "d")
    #expect(
      stale.status == 0 && stale.errors.contains("d has version 2, its index is of version 1"))
    let built = try fixture.objects("index", "build", "d", "--format", "json")[0]
    #expect(built["base"] as? Int == 1 && built["indexed"] as? Int == 1)
    let shown = try fixture.objects("index", "show", "d", "--format", "json")[0]
    let summary = try #require(shown["summary"] as? [String: Any])
    #expect(summary["stem"] as? String == "en" && summary["passageTokens"] as? Int == 40)
    let found = try fixture.objects("query", "sleeping", "--dataset", "d", "--format", "json")
    #expect(
      Set(found.compactMap { $0["source"] as? String })
        == ["guide/cats.md", "guide/dogs.md", "more.txt"])
    let again = try fixture.objects("index", "build", "d", "--format", "json")[0]
    #expect(again["wasThere"] as? Bool == true)
    let passages = try fixture.objects("index", "passages", "d")
    #expect(passages.count == built["passages"] as? Int)
  }
}
