import Files
import Foundation
import TestCheckpoints
import Testing

@Suite struct CountCommandTests {
  private let store: DatasetFixture
  private var tokenizer: String { store.scratch("tokenizer.json") }
  private var other: String { store.scratch("other.json") }

  init() throws {
    store = try DatasetFixture.copy()
    try DurableFile.write(Self.byteTokenizer(last: 300), to: store.scratch("tokenizer.json"))
    try DurableFile.write(Self.byteTokenizer(last: 301), to: store.scratch("other.json"))
  }

  /// Byte-level BPE without merges: the id of a byte is its value; one more id at the end.
  private static func byteTokenizer(last: Int) -> String {
    var next = 256
    var entries = (0..<256).map { byte -> String in
      let isShown =
        (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
      if !isShown { next += 1 }
      let text = String(Unicode.Scalar(UInt32(isShown ? byte : next - 1))!)
      let quoted = text == "\"" || text == "\\" ? "\\" + text : text
      return "\"\(quoted)\":\(byte)"
    }
    entries.append("\"zz\":\(last)")
    return """
      {"model":{"type":"BPE","vocab":{\(entries.joined(separator: ","))},"merges":[]},
       "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":false},
       "decoder":{"type":"ByteLevel"}}
      """
  }

  private func count(_ arguments: String...) throws -> EngramProcess.Outcome {
    try engram(["memory"] + arguments + ["--tokenizer", tokenizer, "--store", store.path])
  }

  @discardableResult
  private func succeed(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> EngramProcess.Outcome {
    try expectSuccess(
      ["memory"] + arguments + ["--store", store.path], sourceLocation: sourceLocation)
  }

  private func plain(_ length: Int) -> [[UInt8]: Int] {
    var counts: [[UInt8]: Int] = [:]
    for document in DatasetFixture.second {
      let bytes = Array(document.text.utf8)
      guard bytes.count >= length else { continue }
      for start in 0...bytes.count - length {
        counts[Array(bytes[start..<start + length]), default: 0] += 1
      }
    }
    return counts
  }

  @Test func countsAreThoseOfTheText() throws {
    let made = try succeed(
      "count", "docs", "--tokenizer", tokenizer, "--raw-tokens", "--orders", "2-3", "--as", "c",
      "--format", "json"
    ).objects()
    let orders = try #require(made.first?["orders"] as? [[String: Any]])
    for (order, line) in zip([2, 3], orders) {
      let plain = plain(order)
      #expect(line["distinct"] as? Int == plain.count)
      #expect(line["total"] as? Int == plain.values.reduce(0, +))
      #expect(line["singletons"] as? Int == plain.values.filter { $0 == 1 }.count)
    }
    let expected = plain(3).sorted {
      $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key)
    }
    // The name before the verb or behind it.
    let top = try succeed("counts", "c", "top", "-n", "30", "--format", "json").objects()
    #expect(top.map { $0["tokens"] as? [Int] } == expected.prefix(30).map { $0.key.map(Int.init) })
    #expect(top.map { $0["count"] as? Int } == expected.prefix(30).map(\.value))
    let text = try succeed(
      "counts", "top", "c", "-n", "5", "--order", "2", "--tokenizer", tokenizer)
    #expect(text.lines.count == 6 && text.text.contains(#""te""#))
    let got = try succeed(
      "counts", "c", "get", "--text", "text", "--tokenizer", tokenizer, "--format", "json"
    ).objects()
    #expect(got.count == 5 && got.first?["text"] as? String == "te")
    #expect(got.first?["count"] as? Int == plain(2)[Array("te".utf8)])
    #expect(
      try succeed("counts", "c", "get", "--tokens", "0,0,0", "--format", "json").objects().first?[
        "count"] as? Int == 0)
    let verify = try expectSuccess(["verify", "--store", store.path])
    #expect(verify.text.contains("1 versions of N-gram counts"))
    #expect(try succeed("counts", "list").text.contains("c@1     docs@2   2-3     raw"))
    #expect(try succeed("list").text.contains("no tables"))
    #expect(try succeed("counts", "drop", "c@1").text == "dropped c@1\n")
    #expect(try succeed("counts", "list", "--format", "json").output.isEmpty)
  }

  @Test func partsMergedAreTheWhole() throws {
    func run(_ name: String) -> String { store.scratch(name) }
    #expect(try count("count-map", "docs", "--to", run("whole"), "--memory", "1G").status == 0)
    for part in 1...3 {
      let outcome = try count(
        "count-map", "docs", "--partition", "\(part)/3", "--to", run("\(part)"), "--threads",
        "\(part)")
      #expect(outcome.status == 0 && outcome.text == run("\(part)") + "\n")
    }
    try succeed("count-merge", run("3"), run("1"), run("2"), "--to", run("merged"))
    #expect(try DurableFile.read(run("merged")) == DurableFile.read(run("whole")))
    let merged = try succeed(
      "count-merge", run("3"), run("1"), run("2"), "--as", "m", "--format", "json"
    ).objects()
    let whole = try count("count", "docs", "--as", "w", "--format", "json").objects()
    #expect(merged[0]["content"] as? String == whole[0]["content"] as? String)
    #expect(merged[0]["orders"] as? [[String: Int]] == whole[0]["orders"] as? [[String: Int]])
    expectFailure(
      try engram(
        ["memory", "count-merge", run("1"), run("3"), "--as", "x", "--store", store.path]),
      ["no run counts samples 100 to 199 of docs@2"])
    expectFailure(
      try engram(["memory", "count-merge", run("1"), run("merged"), "--to", run("x")]),
      ["counts samples 0 to 99, which another run counts"])
    expectFailure(
      try engram(["memory", "count-merge", run("1"), tokenizer, "--to", run("x")]),
      ["tokenizer.json is corrupt at byte 0: it is no run file"])
    #expect(try DurableFile.names(in: store.scratch.path).filter { $0.contains("work") }.isEmpty)
  }

  @Test func theReportSaysWhatAHeldOutPartNeeds() throws {
    #expect(try count("count", "docs", "--held-out", "20%", "--as", "c").status == 0)
    let plot = store.scratch("zipf.svg")
    let text = try succeed("counts", "c", "report", "--tokenizer", tokenizer, "--plot", plot).text
    for word in ["occurrences by rank", "held-out samples", "10000000", "100.00%"] {
      #expect(text.contains(word), "\(text)")
    }
    #expect(String(decoding: try DurableFile.read(plot), as: UTF8.self).contains("<svg"))
    let line = try #require(
      succeed(
        "counts", "report", "c", "--held-out", "docs@1", "--tokenizer", tokenizer, "--format",
        "json"
      ).objects().first)
    #expect(line["heldOut"] as? String == "docs@1")
    for order in try #require(line["orders"] as? [[String: Any]]) {
      let covered = try #require(order["covered"] as? [[String: Any]])
      let shares = try covered.map { try #require($0["heldOut"] as? Double) }
      #expect(shares == shares.sorted() && shares.last! > 0.5 && shares.last! <= 1)
      let known = try #require(order["heldOutKnown"] as? Double)
      #expect(abs(shares.last! - known / (order["heldOutTotal"] as? Double ?? 0)) < 1e-12)
    }
    // Without a held-out part, or a tokenizer, there is no such table.
    #expect(try !succeed("counts", "c", "report").text.contains("held-out"))
  }

  @Test func wrongInputIsOneLine() throws {
    #expect(try count("count", "docs", "--as", "c").status == 0)
    for (arguments, word) in [
      (["count", "ids", "--as", "x"], "does not say which tokenizer"),
      (["count", "raw", "--as", "x"], "no text"), (["count", "nothing", "--as", "x"], "nothing"),
      (["count", "docs@9", "--as", "x"], "no version 9"),
      (["count", "docs", "--as", "a b"], "no name of counts"),
      (["count", "docs", "--memory", "20M", "--as", "x"], "or more"),
      (["count-map", "docs", "--to", "/nowhere/run"], "/nowhere"),
      (["counts", "get", "c", "--text", "text of 1", "--tokenizer", other], "another"),
      (["counts", "top", "c", "--order", "9"], "ask for 2 to 4"),
      (["counts", "top", "d"], "there are c"), (["counts", "top", "c@7"], "no version 7"),
      (["counts", "get", "c", "--tokens", "1,x"], "\"x\""),
      (["counts", "get", "c", "--tokens", "1,-2"], "no token"),
      (["counts", "drop", "c"], "--all"),
      (["counts", "report", "c", "--plot", "zipf.gif"], ".png"),
      (["counts", "report", "c", "--tokenizer", tokenizer], "no samples were held out"),
    ] {
      let isCount = arguments[0].hasPrefix("count-") || arguments[0] == "count"
      let more = isCount ? ["--tokenizer", tokenizer] : []
      let outcome = try engram(["memory"] + arguments + more + ["--store", store.path])
      expectFailure(outcome, word == "another" ? ["tokenizer"] : [word])
    }
    for arguments in [
      ["count", "docs", "--as", "x", "--orders", "0-2"],
      ["count", "docs", "--as", "x", "--orders", "3-2"],
      ["count", "docs", "--as", "x", "--orders", "2-9"],
      ["count", "docs", "--as", "x", "--held-out", "100%"],
      ["count", "docs", "--as", "x", "--memory", "much"],
      ["count-map", "docs", "--to", "x", "--partition", "3/2"],
      ["count-map", "docs", "--to", "x", "--partition", "0/2"],
    ] {
      expectFailure(
        try engram(["memory"] + arguments + ["--tokenizer", tokenizer, "--store", store.path]),
        code: 64, ["--help"])
    }
    expectFailure(try engram(["memory", "count-merge", "x"]), code: 64, ["--as"])
    #expect(try succeed("counts", "list", "--format", "json").objects().count == 1)
    #expect(try DurableFile.names(in: store.path + "/tmp").isEmpty)
    // Counting makes no store out of a misspelt folder.
    let missing = store.scratch("missing")
    expectFailure(
      try engram([
        "memory", "count", "docs", "--tokenizer", tokenizer, "--as", "c", "--store", missing,
      ]), ["no store at"])
    #expect(!DurableFile.isFolder(missing))
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGKILL])
  func stoppedOrKilledNothingHasChanged(signal: Int32) throws {
    // A slow start: the tables are small and full all the time.
    let process = try EngramProcess([
      "memory", "count", "docs", "--tokenizer", tokenizer, "--orders", "1-8", "--as", "c",
      "--store", store.path,
    ])
    while process.isRunning, try DurableFile.names(in: store.path + "/tmp").isEmpty { usleep(500) }
    kill(process.processIdentifier, signal)
    let outcome = try process.outcome()
    let isDone = outcome.status == 0 && !outcome.isCrash
    if !isDone {
      if signal == SIGKILL {
        #expect(outcome.isCrash)
      } else {
        expectFailure(outcome, code: 130, ["stopped"])
      }
    }
    let listed = try succeed("counts", "list", "--format", "json").objects()
    #expect(listed.count == (isDone ? 1 : 0))
    #expect(try DurableFile.names(in: store.path + "/tmp").isEmpty)
    #expect(try DurableFile.names(in: store.path + "/tables").count == (isDone ? 1 : 0))
    #expect(try expectSuccess(["verify", "--store", store.path]).text.contains("all as published"))
  }
}
