import Files
import Foundation
import TestCheckpoints
import Testing

@Suite struct ContextReplayCommandTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  /// A trace in which each prompt goes on from its session's one before.
  private func trace(prompts: Int, tokens: Int = 256) throws -> String {
    var lines = ""
    for number in 0..<prompts {
      let session = number % 4
      let turn = number / 4
      let ids = (0..<tokens).map { "\($0 + 1000 * number)" }.joined(separator: ",")
      lines +=
        "{\"time\":\(number),\"session\":\"s\(session)\",\"shared\":\(turn * tokens),\"tokens\":[\(ids)]}\n"
    }
    try DurableFile.write(lines, to: scratch("trace.jsonl"))
    return scratch("trace.jsonl")
  }

  private func replay(_ arguments: [String]) -> [String] {
    ["context", "replay", "--folder", scratch.path, "--layout", "latent-fp8:2"] + arguments
  }

  @Test func hitsAreCountedByBudget() throws {
    let trace = try trace(prompts: 24)
    let plot = scratch("plot.svg")
    let lines = try expectSuccess(
      replay([
        trace, "--capacity", "64M,2M", "--simulate", "--verify", "--format", "json", "--plot", plot,
      ])
    ).objects()
    #expect(lines.map { $0["budget_bytes"] as? Int } == [2 << 20, 64 << 20])
    // Turn t has 256 * (t + 1) tokens, of which 256 * t were there before.
    let tokens = 4 * 256 * (1 + 2 + 3 + 4 + 5 + 6)
    let hits = 4 * 256 * (0 + 1 + 2 + 3 + 4 + 5)
    for line in lines {
      #expect(line["tokens"] as? Int == tokens && line["wrong_blocks"] as? Int == 0)
      #expect((line["peak_bytes"] as? Int ?? .max) <= (line["budget_bytes"] as? Int ?? 0))
    }
    #expect(lines[0]["unlimited_hit_tokens"] as? Int == hits)
    #expect(lines[1]["hit_tokens"] as? Int == hits && lines[1]["evicted_blocks"] as? Int == 0)
    #expect((lines[0]["hit_tokens"] as? Int ?? .max) < hits)
    #expect((lines[0]["evicted_blocks"] as? Int ?? 0) > 0)
    #expect(String(decoding: try DurableFile.read(plot), as: UTF8.self).contains("<svg"))
    #expect(try DurableFile.names(in: scratch.path).sorted() == ["plot.svg", "trace.jsonl"])
  }

  @Test func aTableIsPrintedForPeople() throws {
    let trace = try trace(prompts: 8)
    let text = try expectSuccess(
      replay([trace, "--capacity", "64M", "--bytes-per-token", "100", "--verify"])
    ).text
    #expect(text.contains("64M") && text.contains("33.3%"), "\(text)")
    #expect(text.hasSuffix("every block read was as put\n"))
  }

  @Test func aNamedStoreIsKept() throws {
    let trace = try trace(prompts: 4)
    let path = scratch("kept")
    let words = ["context", "replay", trace, "--layout", "dsa:2", "--capacity", "32M"]
    for expected in [0, 4 * 256] {
      let lines = try expectSuccess(words + ["--context", path, "--format", "json"]).objects()
      #expect(lines.first?["hit_tokens"] as? Int == expected)
    }
    #expect(DurableFile.isFolder(path + "/segments"))
  }

  @Test func wrongInputIsNamed() throws {
    let good = try trace(prompts: 2)
    let bad = scratch("bad.jsonl")
    try DurableFile.write("{\"tokens\":[1]}\n{\"tokens\":[1,\n", to: bad)
    let empty = scratch("empty.jsonl")
    try DurableFile.write("", to: empty)
    func refused(_ arguments: [String], _ words: [String], code: Int32 = 1) throws {
      expectFailure(try engram(replay(arguments)), code: code, words)
      #expect(
        try DurableFile.names(in: scratch.path).allSatisfy { !$0.hasPrefix("replay-") },
        "a scratch store was left")
    }
    try refused([bad, "--capacity", "16M"], [bad, "line 2"])
    try refused([empty, "--capacity", "16M"], ["has no prompts"])
    try refused([scratch("nix"), "--capacity", "16M"], ["nix"])
    try refused(
      [good, "--capacity", "16M", "--layout", "latent-fp8:400"], ["a block of this layout"])
    try refused([good, "--capacity", "1K"], ["the capacity is 1024 bytes"])
    try refused([good, "--capacity", "much"], ["much is no size"])
    try refused([good, "--capacity", ","], ["names no size"])
    let usage = ["see 'engram context replay"]
    try refused([good], usage, code: 64)
    try refused([good, "--capacity", "16M", "--layout", "latent:0"], usage, code: 64)
    try refused([good, "--capacity", "16M", "--bytes-per-token", "0"], usage, code: 64)
    try refused([good, "--capacity", "16M", "--plot", "x.gif"], usage, code: 64)
    try refused([good, "--capacity", "16M", "--context", scratch("c")], usage, code: 64)
  }

  @Test func stoppedWithCtrlCItLeavesNothing() throws {
    let trace = try trace(prompts: 200, tokens: 1024)
    let process = try EngramProcess(
      replay([trace, "--capacity", "1G", "--layout", "latent-fp8:61", "--durable"]))
    // As soon as it works on its scratch store.
    while process.isRunning,
      try DurableFile.names(in: scratch.path).allSatisfy({ !$0.hasPrefix("replay-") })
    { usleep(2000) }
    usleep(50_000)
    kill(process.processIdentifier, SIGINT)
    expectFailure(try process.outcome(), code: 130, ["stopped"])
    #expect(try DurableFile.names(in: scratch.path) == ["trace.jsonl"])
  }
}
