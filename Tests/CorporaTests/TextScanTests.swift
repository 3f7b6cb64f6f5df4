import Foundation
import TestCheckpoints
import Testing

@testable import Corpora

@Suite struct TextScanTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func scan(
    _ names: [String] = [""], _ change: (inout CorpusOptions) -> Void = { _ in }
  ) throws -> CorpusPlan {
    var options = CorpusOptions()
    change(&options)
    return try CorpusPlan.scan(
      names.map { $0.isEmpty ? folder.path : $0 == "-" ? "-" : folder($0) }, options: options)
  }

  private func link(_ name: String, to target: String) {
    #expect(symlink(target, folder(name)) == 0)
  }

  @Test func aTreeIsReadInTheOrderOfItsPaths() throws {
    for name in ["b/x.c", "b.txt", "a/z.md", "a/Makefile", "b-c.rst", "Kconfig.debug"] {
      try folder.file(name, "x")
    }
    let plan = try scan()
    #expect(
      plan.units.map(\.name) == [
        "Kconfig.debug", "a/Makefile", "a/z.md", "b-c.rst", "b.txt", "b/x.c",
      ])
    #expect(plan.units.allSatisfy { $0.format == .text && $0.size == 1 && $0.modified > 0 })
    #expect(plan.kind == .document)
  }

  @Test func formatsAreKnownByTheirNames() throws {
    for name in ["a.html", "a.jsonl", "a.ndjson.x", "a.txt.zst", "a.PNG", "table.csv"] {
      try folder.file(name, "x")
    }
    try folder.file("a.csv", "id,text\n1,a\n")
    try folder.file("a.tsv", "\"text\"\tid\n")
    try folder.file(".git/config", "x")
    try folder.file("lines.json", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n")
    try folder.file("value.json", "{\n\"text\":\"a\"}\n")
    try folder.file("package.json", "{\"name\":\"a\"}\n")
    let plan = try scan()
    let formats = Dictionary(uniqueKeysWithValues: plan.units.map { ($0.name, $0.format) })
    #expect(
      formats == [
        "a.html": .html, "a.csv": .csv, "a.tsv": .tsv, "a.jsonl": .jsonl, "a.txt.zst": .text,
        "table.csv": .text, "lines.json": .jsonl, "value.json": .text, "package.json": .text,
      ])
    #expect(plan.leftOut == ["extension .x": 1, "extension .png": 1, "hidden": 1])
  }

  @Test func patternsLeaveOutAndTakeIn() throws {
    for name in ["a.txt", "b.dat", "build/x.c", "src/build.c", "src/y/z.c"] {
      try folder.file(name, "x")
    }
    let plan = try scan {
      $0.exclude = ["build", "**/z.*"]
      $0.include = ["*.dat"]
    }
    #expect(plan.units.map(\.name) == ["a.txt", "b.dat", "src/build.c"])
    #expect(plan.leftOut == ["excluded": 2])
  }

  @Test func aNamedFileIsTakenWhateverItsName() throws {
    try folder.file("d/what.dat", "x")
    #expect(try scan(["d/what.dat"]).units.map(\.name) == ["what.dat"])
    #expect(throws: CorporaError.self) { try scan(["d"]) }
  }

  @Test func patternsThatTheShellLeftAreExpanded() throws {
    for name in ["a.txt", "b.txt", "c.md", "d/e/f.txt"] { try folder.file(name, "x") }
    #expect(try scan(["*.txt"]).units.map(\.name) == ["a.txt", "b.txt"])
    #expect(try scan(["[a-c].*"]).units.map(\.name) == ["a.txt", "b.txt", "c.md"])
    #expect(try scan(["**/*.txt"]).units.map(\.name) == ["a.txt", "b.txt", "d/e/f.txt"])
    #expect(throws: CorporaError.missing(path: folder("*.zip"))) { try scan(["*.zip"]) }
  }

  @Test func whatIsMissingIsNamed() throws {
    #expect(throws: CorporaError.missing(path: folder("none"))) { try scan(["none"]) }
  }

  @Test func nothingFoundSaysWhatThereWas() throws {
    try folder.file("a.png", "x")
    try folder.file("b.png", "x")
    let error = #expect(throws: CorporaError.self) { try scan() }
    #expect(error?.description.contains("extension .png (2)") == true)
  }

  @Test func linksAreFollowedOnceAndLoopsReported() throws {
    try folder.file("real/a.txt", "x")
    try folder.file("elsewhere/b.txt", "x")
    try folder.file("tree/c/d.txt", "x")
    link("tree/again", to: "c")
    link("tree/c/up", to: "..")
    link("tree/file.txt", to: "../real/a.txt")
    link("tree/out", to: "../elsewhere")
    link("tree/out2", to: "../elsewhere")
    link("tree/self", to: "self")
    link("tree/nowhere.txt", to: "none")
    let plan = try scan(["tree"])
    #expect(plan.units.map(\.name) == ["c/d.txt", "file.txt", "out/b.txt"])
    #expect(
      Set(plan.bad.map(\.path)) == [
        folder("tree/c/up"), folder("tree/self"), folder("tree/nowhere.txt"),
      ])
    #expect(plan.leftOut == ["link to a folder that is read already": 2])
  }

  @Test func aFIFOIsReportedAndNotWaitedFor() throws {
    try folder.file("a.txt", "x")
    #expect(mkfifo(folder("b.txt"), 0o600) == 0)
    let plan = try scan()
    #expect(plan.units.map(\.name) == ["a.txt"])
    #expect(plan.bad.map(\.path) == [folder("b.txt")])
    #expect(plan.bad[0].reason.contains("FIFO"))
    #expect(try scan(["b.txt"]).bad.count == 1)
  }

  @Test func anUnreadableFileIsReported() throws {
    try folder.file("a.txt", "x")
    try folder.file("b/c.txt", "x")
    try folder.file("ok.txt", "x")
    chmod(folder.path, 0o755)
    chmod(folder("a.txt"), 0)
    chmod(folder("b"), 0)
    defer { chmod(folder("b"), 0o700) }
    // Who may read everything has to be somebody else for this thread.
    let isRoot = geteuid() == 0
    typealias SetUser = @convention(c) (uid_t) -> Int32
    let setUser = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetUser.self)
    if isRoot { _ = setUser(65534) }
    defer { if isRoot { _ = setUser(0) } }
    let plan = try scan()
    #expect(plan.units.map(\.name) == ["ok.txt"])
    #expect(plan.bad.map(\.path).sorted() == [folder("a.txt"), folder("b")])
  }

  @Test func namesThatAreNotUTF8AreRead() throws {
    let name = (folder.path + "/a").utf8.map { CChar(bitPattern: $0) } + [-1, 46, 99, 0]
    let descriptor = open(name, O_CREAT | O_WRONLY, 0o600)
    #expect(pwrite(descriptor, "x", 1, 0) == 1)
    close(descriptor)
    let plan = try scan()
    #expect(plan.units.map(\.name) == ["a\u{FFFD}.c"])
    let reading = try TextReading(plan.units)
    #expect(reading.texts == ["x"])
    #expect(reading.metadata == ["{\"id\":\"a\u{FFFD}.c\",\"path\":\"a\u{FFFD}.c\"}"])
  }

  @Test func bytesAreAnyFileAsItIs() throws {
    for name in ["a.txt", "b.png", "c.jsonl.gz"] { try folder.file(name, "x") }
    let plan = try scan { $0.kind = .bytes }
    #expect(plan.units.map(\.format) == [.bytes, .bytes, .bytes])
    #expect(plan.units.allSatisfy { $0.compression == .none })
    #expect(plan.kind == .bytes)
  }

  @Test func kindsDoNotMix() throws {
    try folder.file("a.txt", "x")
    try folder.file("t.bin", [1, 0])
    try folder.file("t.idx", [])
    #expect(
      throws: CorporaError.mixedKinds(
        path: folder("a.txt"), kind: .document, otherPath: folder("t.bin"), otherKind: .tokens)
    ) { try scan() }
    #expect(throws: CorporaError.self) { try scan(["a.txt"]) { $0.kind = .tokens } }
  }

  @Test func aFolderOfShardsIsOneSource() throws {
    try folder.file("d/index.json", #"{"shards":[],"version":2}"#)
    try folder.file("d/shard.00000.mds", "x")
    try folder.file("e/index.json", #"{"a":1}"#)
    let plan = try scan()
    #expect(plan.units.map(\.name) == ["d", "e/index.json"])
    #expect(plan.units.map(\.format) == [.mds, .text])
  }

  @Test func standardInputIsOneSource() throws {
    #expect(try scan(["-"]).units.map(\.path) == ["-"])
    #expect(throws: CorporaError.standardInputTwice) { try scan(["-", "-"]) }
    #expect(throws: CorporaError.noStandardInput(format: .npy)) {
      try scan(["-"]) { $0.format = .npy }
    }
  }

  @Test func largeLinesFilesAreCut() throws {
    let path = try folder.file("a.jsonl", String(repeating: "{\"text\":\"a\"}\n", count: 100))
    let plan = try CorpusPlan.scan([path], options: CorpusOptions(), partBytes: 500)
    #expect(plan.units.map(\.part) == [0..<500, 500..<1000, 1000..<1300])
    #expect(try TextReading(plan.units).documents.count == 100)
  }
}

@Suite struct TextPathPatternTests {
  @Test(arguments: [
    ("*.c", "a.c", true), ("*.c", "d/a.c", true), ("d/*.c", "d/a.c", true),
    ("d/*.c", "d/e/a.c", false), ("d/**", "d/e/a.c", true), ("**/e/*", "d/e/a.c", true),
    ("**/a.c", "a.c", true), ("d/**/a.c", "d/a.c", true), ("d/**/a.c", "d/xa.c", false),
    ("?.c", "é.c", true), ("?.c", "ab.c", false), ("[a-c].c", "b.c", true),
    ("[!a-c].c", "b.c", false), ("[]].c", "].c", true), ("[a", "[a", true),
    ("\\*.c", "*.c", true), ("\\*.c", "a.c", false), ("d/", "d", true), ("/d", "d", true),
    ("a?c", "a/c", false), ("", "a", false), ("*", "a", true), ("a*b*c", "axxbxxc", true),
  ])
  func fits(pattern: String, path: String, fits: Bool) {
    #expect(PathPattern(pattern).fits(path) == fits)
  }

  @Test func manyStarsTakeNoTime() {
    let pattern = PathPattern(String(repeating: "*a", count: 100) + "b")
    #expect(!pattern.fits(String(repeating: "a", count: 4000)))
  }
}
