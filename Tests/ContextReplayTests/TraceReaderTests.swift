import Files
import SeededRandom
import TestCheckpoints
import Testing

@testable import ContextReplay

@Suite struct TraceReaderTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func prompts(_ text: String) throws -> [TracePrompt] {
    let path = scratch("trace.jsonl")
    try DurableFile.write(text, to: path)
    let reader = try TraceReader(path: path)
    var prompts: [TracePrompt] = []
    while let prompt = try reader.next() { prompts.append(prompt) }
    #expect(reader.position == text.utf8.count)
    return prompts
  }

  @Test func promptsGrowOutOfTheSessionsOneBefore() throws {
    let found = try prompts(
      """
      {"time": 0, "session": "a", "tokens": [1, 2, 3]}
      {"time": 1.5, "session": "b", "tokens": [9]}

      {"time": 2, "session": "a", "shared": 2, "tokens": [7, 8]}
      {"session": "a", "shared": 4, "tokens": [], "time": 3e0}
      {"tokens":[5]}
      """)
    #expect(
      found == [
        TracePrompt(time: 0, session: "a", tokens: [1, 2, 3]),
        TracePrompt(time: 1.5, session: "b", tokens: [9]),
        TracePrompt(time: 2, session: "a", tokens: [1, 2, 7, 8]),
        TracePrompt(time: 3, session: "a", tokens: [1, 2, 7, 8]),
        TracePrompt(time: 0, session: "", tokens: [5]),
      ])
  }

  @Test(arguments: [
    ("{\"tokens\":[1,2", "no JSON"), ("[1,2]", "no JSON object"), ("7", "no JSON object"),
    ("{\"time\":1}", "\"tokens\" is missing"), ("{\"tokens\":5}", "no list"),
    ("{\"tokens\":[1,-2]}", "token 1"), ("{\"tokens\":[1.5]}", "token 0"),
    ("{\"tokens\":[2147483648]}", "token 0"), ("{\"tokens\":[\"a\"]}", "token 0"),
    ("{\"tokens\":[1],\"time\":-1}", "\"time\""), ("{\"tokens\":[1],\"time\":\"x\"}", "\"time\""),
    ("{\"tokens\":[1],\"time\":1e400}", "no JSON"),
    ("{\"tokens\":[1],\"session\":7}", "\"session\""),
    ("{\"tokens\":[1],\"shared\":1}", "\"session\""),
    ("{\"tokens\":[1],\"session\":\"s\",\"shared\":3}", "has 2 tokens"),
    ("{\"tokens\":[1],\"session\":\"t\",\"shared\":1}", "no prompt before"),
    ("{\"tokens\":[1],\"session\":\"s\",\"shared\":-1}", "\"shared\""),
    ("{\"tokens\":[1],\"session\":\"s\",\"shared\":9223372036854775807}", "more than"),
    ("{\"tokens\":[1],\"tokens\":[2]}", "twice"), ("{\"tokens\":[1],\"token\":[2]}", "unknown"),
    ("{\"tokens\":[1]} x", "no JSON"), ("\u{0}", "no JSON"),
  ])
  func badLinesAreNamedByFileAndNumber(line: String, reason: String) throws {
    let path = scratch("bad.jsonl")
    try DurableFile.write("{\"session\":\"s\",\"tokens\":[1,2]}\n\n\(line)\n", to: path)
    let reader = try TraceReader(path: path)
    _ = try reader.next()
    let error = #expect(throws: TraceError.self) { try reader.next() }
    let text = "\(try #require(error))"
    #expect(text.hasPrefix("\(path), line 3: "), "\(text)")
    #expect(text.contains(reason), "\(text)")
    #expect(text.filter(\.isNewline).isEmpty)
  }

  @Test func anEmptyTraceIsAnError() throws {
    #expect(throws: TraceError.self) { try prompts("\n \n") }
    #expect(throws: FileError.self) { try TraceReader(path: scratch("nowhere")) }
    #expect(throws: FileError.self) { try TraceReader(path: scratch.path).next() }
  }

  @Test func linesAreBounded() throws {
    let path = scratch("long")
    try DurableFile.write(
      "short\n" + String(repeating: "x", count: 100) + "\nlast", to: path)
    let lines = try LineFile(path, limit: 50)
    #expect(try lines.line() == Array("short".utf8))
    #expect(throws: TraceError.lineTooLong(path: path, line: 2, limit: 50)) { try lines.line() }
    let longer = try LineFile(path, limit: 100)
    #expect(try longer.line()?.count == 5)
    #expect(try longer.line()?.count == 100)
    #expect(try longer.line() == Array("last".utf8))
    #expect(try longer.line() == nil)
  }

  @Test func silentSessionsAreForgottenFirst() {
    var sessions = SessionPrompts(limit: 1000)
    for number in 0..<100 {
      sessions.note([Int32](repeating: Int32(number), count: 50), of: "s\(number)")
      sessions.note([1], of: "lively")
    }
    #expect(sessions["lively"] == [1])
    #expect(sessions["s99"]?.count == 50)
    #expect(sessions["s0"] == nil)
  }

  /// Lines cut, joined and with bytes changed at random: an error of this kind or prompts, no crash.
  @Test func damagedTracesEndInOrder() throws {
    let good = Array(
      "{\"time\":0,\"session\":\"a\",\"tokens\":[1,2,3]}\n{\"session\":\"a\",\"shared\":2,\"tokens\":[7]}\n"
        .utf8)
    var generator = SeededGenerator(seed: 17)
    let path = scratch("fuzz")
    for _ in 0..<400 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        default: bytes.insert(contentsOf: bytes[..<place], at: place)
        }
      }
      try bytes.withUnsafeBytes { try DurableFile.write($0, to: path) }
      let reader = try TraceReader(path: path)
      do {
        while let prompt = try reader.next() { #expect(prompt.tokens.allSatisfy { $0 >= 0 }) }
      } catch is TraceError {}
    }
  }
}
