import Files
import Foundation
import TestCheckpoints
import Testing

@Suite struct ConvertCommandTests {
  private let store: StoreFixture

  init() throws { store = try StoreFixture.copy() }

  private func convert(_ arguments: String...) throws -> EngramProcess.Outcome {
    try engram(["memory", "convert"] + arguments + ["--store", store.path])
  }

  @Test func aConvertedTableIsReadAsAnyOther() throws {
    let text = try store.succeed("convert", "ds/layer1@1", "--codec", "f32", "--as", "wide").text
    for word in ["ds/layer1@1 to wide@1", "fp8e4m3-e8m0x32 to f32", "99.9 % below", "NaN"] {
      #expect(text.contains(word), "\(text)")
    }
    #expect(try store.listed().contains("wide@1"))
    #expect(try store.succeed("verify", "wide").text.contains("all as published"))
    #expect(
      try store.succeed("inspect", "wide").text.contains("converted from ds/layer1@1"))
    // It has no tensors to go back to.
    expectFailure(
      try store.run("export", "wide", "--to", store.scratch("out")), ["wide", "cannot be exported"])
    // By number and by token, the token map included.
    for source in [["--rows", "0,3,7000"], ["--tokens", "22898,19737,270"]] {
      let both = try ["ds/layer1@1", "wide"].map { table in
        try expectSuccess(
          ["memory", "lookup", table, "--store", store.path, "--format", "json"] + source
        ).objects()
      }
      #expect(both[0].count == both[1].count && !both[0].isEmpty)
      for (before, after) in zip(both[0], both[1]) {
        #expect(before["rows"] as? [Int] == after["rows"] as? [Int])
        #expect("\(before["norms"] ?? 0)" == "\(after["norms"] ?? 1)")
        #expect("\(before["first"] ?? 0)" == "\(after["first"] ?? 1)")
      }
    }
  }

  @Test func theReportIsForProgramsToo() throws {
    let line = try #require(
      store.succeed(
        "convert", "ds/layer14", "--codec", "bf16", "--as", "ds/layer14", "--threads", "1",
        "--format", "json"
      ).objects().first)
    #expect(line["name"] as? String == "ds/layer14" && line["version"] as? Int == 3)
    let from = try #require(line["from"] as? [String: Any])
    #expect(from["version"] as? Int == 2 && from["codec"] as? String == "fp8e4m3-e8m0x32")
    let errors = try #require(line["errors"] as? [String: Any])
    // Four significant bits fit into eight, but for numbers that are next to nothing.
    #expect(try #require(errors["maximum"] as? Double) < 1e-38)
    #expect((errors["numbers"] as? Int ?? 0) > 700_000)
    #expect((errors["percentiles"] as? [[String: Any]])?.count == 5)
    #expect((errors["nonFiniteRows"] as? Int ?? 0) > 0)
  }

  @Test func whatIsWrongIsNamedAndChangesNothing() throws {
    let before = try store.listed()
    expectFailure(
      try convert("ds/layer1", "--codec", "int4", "--as", "x"), code: 64,
      ["int4", "fp8e4m3-e8m0x32", "bf16", "f32", "see 'engram memory convert"])
    expectFailure(
      try convert("ds/layer1", "--codec", "f32"), code: 64, ["--as", "see 'engram memory convert"])
    expectFailure(
      try convert("nix", "--codec", "f32", "--as", "x"), ["no table nix", "ds/layer14"])
    expectFailure(
      try convert("ds/layer1@9", "--codec", "f32", "--as", "x"), ["no version 9; it has: 1, 2"])
    expectFailure(
      try convert("ds/layer1", "--codec", "f32", "--as", "../x"), ["cannot name a table"])
    expectFailure(
      try convert("ds/layer1", "--codec", "fp8e4m3-e8m0x32", "--as", "x"),
      ["ds/layer1@2 has codec fp8e4m3-e8m0x32 already", "bf16"])
    let missing = store.scratch("missing")
    expectFailure(
      try engram(
        ["memory", "convert", "t", "--codec", "f32", "--as", "x", "--store", missing]),
      ["no store at"])
    #expect(!DurableFile.isFolder(missing))
    #expect(try store.listed() == before)
  }

  @Test func aDamagedTableIsNotConverted() throws {
    let folder = try store.folder("ds/layer1@2")
    let map = folder + "/token-map.i32"
    let intact = try DurableFile.read(map)
    var bytes = intact
    bytes[1000] ^= 1
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: map) }
    expectFailure(
      try convert("ds/layer1", "--codec", "f32", "--as", "x"), ["token-map.i32 is corrupt"])
    try intact.withUnsafeBytes { try DurableFile.write($0, to: map) }

    let name = try #require(
      DurableFile.names(in: folder + "/db").first { $0.hasSuffix(".sst") })
    bytes = try DurableFile.read(folder + "/db/" + name)
    let place = try #require(bytes.firstRange(of: StoreFixture.row(1234))?.lowerBound)
    bytes[place] ^= 1
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: folder + "/db/" + name) }
    for codec in ["f32", "fp8e4m3"] {
      expectFailure(
        try convert("ds/layer1", "--codec", codec, "--as", "x"), ["row 1234 of ds/layer1@2"])
    }
    #expect(try store.listed().count == 4)
    #expect(try DurableFile.names(in: store.path + "/tmp").isEmpty)
  }

  @Test func ctrlCStopsAConversionAndLeavesNothing() throws {
    let checkpoint = store.scratch("large")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", StoreFixture.root.appendingPathComponent("Tools/make-checkpoint").path,
      "--family", "plain", "--dim", "64", "--size", "128M", "--quiet", checkpoint,
    ]
    try process.run()
    process.waitUntilExit()
    try store.succeed("import", "--from", checkpoint, "--name", "large")
    let conversion = try EngramProcess([
      "memory", "convert", "large", "--codec", "bf16", "--as", "x", "--store", store.path,
    ])
    while conversion.isRunning {
      let work = (try? DurableFile.names(in: store.path + "/tmp")) ?? []
      let files = work.flatMap { (try? DurableFile.names(in: store.path + "/tmp/" + $0)) ?? [] }
      if files.contains(where: { $0.hasPrefix("file-") }) { break }
      usleep(5000)
    }
    kill(conversion.processIdentifier, SIGINT)
    expectFailure(try conversion.outcome(), code: 130, ["stopped"])
    #expect(try DurableFile.names(in: store.path + "/tmp").isEmpty)
    #expect(try store.listed().count == 5)
  }
}
