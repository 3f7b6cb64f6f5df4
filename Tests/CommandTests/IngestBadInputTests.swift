import Files
import Foundation
import TestCheckpoints
import Testing

/// Sources that are not what they should be: one line that names the place, and nothing changed;
/// or, with --skip-bad, the rest goes in and the side file says what did not.
@Suite struct IngestBadInputTests {
  /// Sources, one of which is bad, and words that the error must have.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var words: [String]
    /// Documents of the bad source that are good.
    var good = 0
    var make: @Sendable (IngestFixture) throws -> Void
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "invalid UTF-8", words: ["bad.txt", "UTF-8", "byte 3"]) {
      try $0.write("bad.txt", Array("abc".utf8) + [0xFF, 0x41])
    },
    Case(name: "cut gzip", words: ["bad.txt.gz"]) {
      try $0.write("bad.txt", String(repeating: "some text, ", count: 5000))
      try $0.shell("gzip bad.txt && truncate -s -20 bad.txt.gz")
    },
    Case(name: "damaged gzip", words: ["bad.txt.gz"]) {
      try $0.write("bad.txt", "some text that is checked by its sum")
      try $0.shell(
        "gzip bad.txt && printf x | dd of=bad.txt.gz bs=1 seek=30 conv=notrunc 2>/dev/null")
    },
    Case(name: "a line that is no object", words: ["bad.jsonl:2"], good: 2) {
      try $0.write("bad.jsonl", "{\"text\":\"a\"}\n[1]\n{\"text\":\"b\"}\n")
    },
    Case(name: "a line without the field", words: ["bad.jsonl:1", "text"], good: 1) {
      try $0.write("bad.jsonl", "{\"content\":\"a\"}\n{\"text\":\"b\"}\n")
    },
    Case(name: "a line that is too long", words: ["bad.jsonl:1"], good: 1) {
      try $0.write(
        "bad.jsonl",
        "{\"text\":\"" + String(repeating: "x", count: 2 << 20) + "\"}\n{\"text\":\"b\"}\n")
    },
    Case(name: "a CSV row with too many fields", words: ["bad.csv:3"], good: 2) {
      try $0.write("bad.csv", "id,text\n1,a\n2,b,c\n3,d\n")
    },
    Case(name: "a tar that leads out of its folder", words: ["bad.tar", ".."]) {
      try $0.shell("echo x > ../outside.txt && tar -cPf bad.tar ../outside.txt")
    },
    Case(name: "a loop of links", words: ["loop"]) {
      try $0.shell("mkdir inner && ln -s .. inner/loop")
    },
    Case(name: "a FIFO", words: ["pipe.txt"]) { try $0.shell("mkfifo pipe.txt") },
    Case(name: "a dangling link", words: ["gone.txt"]) {
      try $0.shell("ln -s nowhere gone.txt")
    },
  ]

  private static let limit = ["--record-limit", "1M"]

  @Test(arguments: cases) func theFirstBadRecordEndsTheIngest(_ bad: Case) throws {
    let fixture = try IngestFixture()
    try fixture.write("good.txt", "good")
    try bad.make(fixture)
    expectFailure(try fixture.ingest(options: Self.limit), bad.words)
    let list = try expectSuccess(
      ["dataset", "list", "--format", "json", "--store", fixture.store])
    #expect(list.output.isEmpty)
  }

  @Test(arguments: cases) func badRecordsAreSkippedAndListed(_ bad: Case) throws {
    let fixture = try IngestFixture()
    try fixture.write("good.txt", "good")
    try bad.make(fixture)
    let side = fixture.scratch("side.jsonl")
    let report = try fixture.succeed(
      options: Self.limit + ["--skip-bad", "--bad-file", side])
    #expect(report["samples"] as? Int == 1 + bad.good)
    #expect((report["bad"] as? Int ?? 0) >= 1)
    let lines = try DurableFile.read(side).split(separator: 10)
    #expect(lines.count == report["bad"] as? Int)
    let texts = try fixture.documents().compactMap { $0["text"] as? String }
    #expect(texts.contains("good") && texts.count == 1 + bad.good)
  }

  @Test func anEmptyFileIsADocumentWithoutText() throws {
    let fixture = try IngestFixture()
    try fixture.write("empty.txt", "")
    try fixture.write("full.txt", "full")
    let report = try fixture.succeed()
    #expect(report["samples"] as? Int == 2 && report["empty"] as? Int == 1)
    #expect(try fixture.documents().map { $0["text"] as? String } == ["", "full"])
  }

  @Test func anUnreadableFileIsNamed() throws {
    let fixture = try IngestFixture()
    try fixture.write("good.txt", "good")
    try fixture.write("secret.txt", "secret")
    try fixture.shell("chmod 000 secret.txt")
    // Root reads everything, unless the right to is taken from it.
    let drop =
      getuid() == 0
      ? "exec setpriv --bounding-set=-dac_override,-dac_read_search \"$0\" \"$@\"" : ":"
    expectFailure(
      try fixture.start(prelude: drop).outcome(), ["secret.txt", "ermission denied"])
    let side = fixture.scratch("side.jsonl")
    let skipping = try fixture.start(
      options: ["--skip-bad", "--bad-file", side], prelude: drop
    ).outcome()
    #expect(skipping.status == 0)
    #expect(try DurableFile.read(side).split(separator: 10).count == 1)
    #expect(try fixture.documents().map { $0["text"] as? String } == ["good"])
  }

  @Test func aTableWithoutTheColumnIsADocumentUnlessItWasNamed() throws {
    let fixture = try IngestFixture()
    let text = "product,code\na,1\n"
    let path = try fixture.write("table.csv", text)
    try fixture.succeed()
    #expect(try fixture.documents().map { $0["text"] as? String } == [text])
    expectFailure(try fixture.ingest(path), ["table.csv", "--text-field", "product"])
  }

  @Test func sourcesThatAreNotThereAreNamed() throws {
    let fixture = try IngestFixture()
    expectFailure(try fixture.ingest(fixture.sources + "/nothing.txt"), ["nothing.txt"])
    expectFailure(try fixture.ingest(fixture.sources + "/*.jsonl"), ["*.jsonl"])
    expectFailure(try fixture.ingest(), [fixture.sources])
  }

  @Test func namesAndOptionsThatDoNotFitAreRefused() throws {
    let fixture = try IngestFixture()
    try fixture.write("good.txt", "good")
    expectFailure(
      try engram(["ingest", fixture.sources, "--dataset", "a b", "--store", fixture.store]),
      ["a b"])
    expectFailure(try fixture.ingest(options: ["--near-dedup", "7"]), code: 64, ["--near-dedup"])
    expectFailure(
      try fixture.ingest(options: ["--block-size", "5000"]), code: 64, ["--block-size"])
    expectFailure(try fixture.ingest(options: ["--resume"]), ["--resume"])
    try fixture.write("tokens.npy", "no array")
    expectFailure(try fixture.ingest(fixture.sources + "/tokens.npy"), ["tokens.npy"])
  }

  @Test func aDatasetKeepsItsKind() throws {
    let fixture = try IngestFixture()
    let path = try fixture.write("good.txt", "good")
    try fixture.succeed(path)
    expectFailure(
      try fixture.ingest(path, options: ["--kind", "bytes"]), ["d holds document", "bytes"])
  }
}
