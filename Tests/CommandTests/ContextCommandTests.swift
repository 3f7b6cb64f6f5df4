import Files
import Foundation
import TestCheckpoints
import Testing

@Suite struct ContextCommandTests {
  private let fixture: ContextFixture

  init() throws { fixture = try ContextFixture() }

  private func context(_ arguments: String...) -> [String] {
    ["context"] + arguments + ["--context", fixture.path]
  }

  // MARK: - Looking

  @Test func statsAndListSayWhatIsThere() throws {
    let stats = try #require(
      try expectSuccess(context("stats", "--format", "json")).objects().first)
    #expect(stats["blocks"] as? Int == ContextFixture.stored)
    #expect(stats["capacity_bytes"] as? Int == 16 << 20)
    #expect(try expectSuccess(context("stats")).text.contains("capacity"))
    let list = try expectSuccess(context("list", "--format", "json")).objects()
    #expect(list.count == 2)
    let first = try #require(list.first { $0["model"] as? String == "first" })
    #expect(first["id"] as? String == fixture.namespace.id)
    #expect(first["blocks"] as? Int == ContextFixture.stored)
    let text = try expectSuccess(context("list"))
    #expect(text.lines.count == 3 && text.text.contains("second\\nline"))
  }

  @Test func aStoresContextIsInItsFolder() throws {
    let stats = try expectSuccess(
      ["context", "stats", "--format", "json", "--store", fixture.storePath]
    ).objects()
    #expect(stats.first?["blocks"] as? Int == ContextFixture.stored)
  }

  @Test func damageIsNamedAndEndsWithOne() throws {
    #expect(try expectSuccess(context("verify")).text.hasSuffix("all as put\n"))
    let segments = fixture.path + "/segments"
    let name = try #require(
      try DurableFile.names(in: segments).filter { $0.hasSuffix(".data") }.min())
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: segments + "/" + name))
    try handle.seek(toOffset: 4096 + 4096 * 3 + 1000)
    try handle.write(contentsOf: Data([0xEE, 0x11, 0xEE]))
    try handle.close()
    let outcome = try engram(context("verify"))
    #expect(outcome.status == 1 && outcome.errors == "")
    #expect(outcome.text.contains(name) && outcome.text.hasSuffix("1 problem\n"), "\(outcome.text)")
    let json = try engram(context("verify", "--format", "json"))
    #expect(json.status == 1)
    #expect((try json.objects().first?["damaged"] as? [String])?.count == 1)
  }

  // MARK: - Clearing

  @Test func aPrefixIsClearedWithAllThatContinuesIt() throws {
    func cleared(_ arguments: String...) throws -> Int? {
      let words = ["context", "clear"] + arguments + ["--context", fixture.path]
      return try expectSuccess(words + ["--format", "json"]).objects().first?["cleared"] as? Int
    }
    let id = String(fixture.namespace.id.prefix(8))
    let one = try fixture.file("one.json", "\(ContextFixture.prompt(0).prefix(12))\n")
    #expect(try cleared("--namespace", id, "--prefix-tokens", one) == ContextFixture.blocks - 2)
    let shared = try fixture.file("shared.txt", "0 1 2 3,4\n5 6 7 8")
    #expect(
      try cleared("--namespace", id, "--prefix-tokens", shared) == 2 * ContextFixture.blocks - 3)
    #expect(try cleared("--namespace", id) == 1)
    #expect(try cleared("--all") == 0)
  }

  @Test func everythingIsCleared() throws {
    let outcome = try expectSuccess(context("clear", "--all"))
    #expect(outcome.text == "forgot \(ContextFixture.stored) blocks\n")
    let stats = try expectSuccess(context("stats", "--format", "json")).objects()
    #expect(stats.first?["blocks"] as? Int == 0)
  }

  // MARK: - Wrong input

  @Test(arguments: ["stats", "list", "verify", "clear"])
  func whereNoStoreIsNoneIsMade(command: String) throws {
    let nowhere = fixture.scratch("nowhere")
    let extra = command == "clear" ? ["--all"] : []
    expectFailure(
      try engram(["context", command, "--context", nowhere] + extra),
      ["no context store at", nowhere])
    #expect(!DurableFile.isFolder(nowhere))
    try DurableFile.createFolder(fixture.scratch("other"))
    let other = try fixture.file("other/x", "x")
    expectFailure(
      try engram(
        ["context", command, "--context", String(other.dropLast(2))] + extra),
      ["no context store at"])
  }

  @Test func wrongClearsChangeNothing() throws {
    let id = fixture.namespace.id
    let bad = try fixture.file("bad", "1 2 x 4")
    let short = try fixture.file("short", "[1,2,3]")
    func refused(_ arguments: [String], _ word: String) throws {
      expectFailure(
        try engram(["context", "clear", "--context", fixture.path] + arguments), [word])
    }
    try refused(["--namespace", "zz"], "no namespace zz")
    try refused(["--namespace", ""], "no namespace")
    try refused(["--namespace", id, "--prefix-tokens", bad], "place 2 is \"x\"")
    try refused(["--namespace", id, "--prefix-tokens", short], "a block has 4")
    try refused(["--namespace", id, "--prefix-tokens", fixture.scratch("nix")], "nix")
    for words in [[], ["--all", "--namespace", id], ["--all", "--prefix-tokens", bad]] {
      expectFailure(
        try engram(["context", "clear", "--context", fixture.path] + words), code: 64,
        ["see 'engram context clear"])
    }
    let stats = try expectSuccess(context("stats", "--format", "json")).objects()
    #expect(stats.first?["blocks"] as? Int == ContextFixture.stored)
  }
}
