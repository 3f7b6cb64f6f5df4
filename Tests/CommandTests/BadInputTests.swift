import Files
import Foundation
import Storage
import TestCheckpoints
import Testing

/// Whatever is wrong with the input, the command says it in one line and ends in order.
@Suite struct BadInputTests {
  private let store: StoreFixture

  init() throws { store = try StoreFixture.shared.get() }

  @Test(arguments: [
    ["lookup", "ds/layer1"], ["lookup", "ds/layer1", "--text", "x"],
    ["lookup", "ds/layer1", "--rows", "1", "--tokens", "1"],
    ["lookup", "ds/layer1", "--rows", "1", "--first=-1"], ["lookup"], ["import"], ["export"],
    ["list", "--format", "xml"], ["list", "extra"], ["frobnicate"], ["inspect", "--nonsense"],
    ["import", "--from", "x", "--layer", "one"], ["import", "--from", "x", "--threads", "9e9"],
  ])
  func wrongUsageHasItsOwnCode(arguments: [String]) throws {
    expectFailure(try engram(["memory"] + arguments), code: 64, ["see 'engram memory"])
  }

  @Test(arguments: [
    (["lookup", "ds/layer1", "--rows", "99999999"], "row 99999999"),
    (["lookup", "ds/layer1", "--rows", "5,-1"], "row -1 (place 1"),
    (["lookup", "ds/layer1", "--rows", "1,x"], "\"x\""),
    (["lookup", "ds/layer1", "--rows", "1,,2"], "separate numbers by commas"),
    (["lookup", "ds/layer1", "--rows", ""], "--rows"),
    (["lookup", "ds/layer1", "--rows", "99999999999999999999"], "99999999999999999999"),
    (["lookup", "ds/layer1", "--tokens", "1,129280"], "token 1 is 129280"),
    (["lookup", "ds/layer1", "--tokens", "-7"], "-7"),
    (["lookup", "ds/layer1", "--tokens", "4294967297"], "4294967297"),
    (["lookup", "ds/layer1", "--tokens", "1;2"], "\"1;2\""),
    (["lookup", "nix", "--rows", "1"], "no table nix; there are: ds/layer1, ds/layer14"),
    (["lookup", "ds/layer1@3", "--rows", "1"], "no version 3; it has: 1, 2"),
    (["lookup", "ds/layer1@0", "--rows", "1"], "ds/layer1@0"),
    (["lookup", "ds/../layer1", "--rows", "1"], "cannot name a table"),
    (["lookup", "two\nlines", "--rows", "1"], "two\\nlines"),
    (["lookup", "ds/layer1", "--text", "x", "--tokenizer", "/nowhere"], "/nowhere"),
    (["inspect", "ds"], "no table ds;"), (["verify", "ds/layer1@9"], "no version 9"),
    (["drop", "ds/layer1"], "names no version"), (["drop", "ds/layer1@1", "--all"], "--all"),
    (["import", "--from", "/nowhere"], "/nowhere"),
    (["import", "--from", "/dev/null"], "/dev/null"),
    (["export", "nix", "--to", "/tmp/never"], "no table nix"),
  ])
  func wrongNamesAndNumbersAreNamed(arguments: [String], word: String) throws {
    expectFailure(
      try engram(["memory"] + arguments + ["--store", store.path]), [word])
  }

  @Test func optionsOfAnImportAreCheckedAgainstTheFolder() throws {
    func refused(_ arguments: String..., word: String) throws {
      let command = ["memory", "import", "--from", store.checkpoint, "--store", store.path]
      expectFailure(try engram(command + arguments), [word])
    }
    try refused("--name", "a b", word: "cannot name a table")
    try refused("--name", "a\nb", word: "a\\nb")
    try refused("--layer", "7", word: "layers 1, 14 have")
    try refused("--layer", "1", "--layer", "1", word: "same name")
    try refused("--tensor", "nix", word: "no tensor nix")
    try refused("--tensor", "layers.1.engram.q_weight", "--layer", "1", word: "--layer")
    try refused("--preset", "qwen-ple", word: "says itself")
    try refused(
      "--tensor", "layers.1.engram.embed.weight", "--preset", "qwen-ple", "--base", "300",
      word: "the sum of its primes")
    try refused("--token-map", store.checkpoint + "/config.json", word: "token map")
    try refused("--token-map", "/nowhere", word: "/nowhere")
    #expect(try store.listed().count == 4)
  }

  @Test func aMissingOrForeignOrNewerStoreIsRefused() throws {
    let scratch = try ScratchFolder()
    let missing = scratch("missing")
    for command in [["list"], ["verify"], ["inspect", "t"], ["lookup", "t", "--rows", "1"]] {
      expectFailure(try engram(["memory"] + command + ["--store", missing]), ["no store at"])
    }
    #expect(!DurableFile.isFolder(missing))
    func importing(_ path: String) throws -> EngramProcess.Outcome {
      try engram(["memory", "import", "--from", store.checkpoint, "--store", path])
    }
    expectFailure(try importing(store.checkpoint), ["not empty and not a store"])
    expectFailure(try importing("/dev/null/store"), ["/dev/null"])

    let newer = scratch("newer")
    try DurableFile.createFolder(newer)
    let format = Store.formatVersion
    try DurableFile.write("engram-store \(format + 1)\n", to: newer + "/FORMAT")
    let words = ["format \(format + 1)", "up to \(format)"]
    expectFailure(try importing(newer), words)
    expectFailure(try engram(["memory", "list", "--store", newer]), words)
    try DurableFile.write("something else\n", to: newer + "/FORMAT")
    expectFailure(try engram(["memory", "list", "--store", newer]), ["not a store"])
  }

  /// Files of a folder that is imported, broken in every way that a download or an enemy can.
  @Test func brokenFilesAreRefused() throws {
    let copy = try StoreFixture.copy()
    let file = copy.checkpoint + "/layer1.safetensors"
    let whole = try DurableFile.read(file)
    func refused(_ bytes: [UInt8], _ word: String) throws {
      try bytes.withUnsafeBytes { try DurableFile.write($0, to: file) }
      expectFailure(
        try copy.run("import", "--from", copy.checkpoint, "--name", "new"),
        ["layer1.safetensors", word])
    }
    try refused([], "too short")
    try refused(Array(whole.prefix(7)), "too short")
    try refused(Array(whole.prefix(100)), "header claims")
    try refused(Array(whole.dropLast(1000)), "ends")
    for length in [UInt64.max, 1 << 63, 1 << 40, UInt64(whole.count)] {
      let lie = withUnsafeBytes(of: length.littleEndian) { Array($0) }
      try refused(lie + whole.dropFirst(8), "header claims")
    }
    var garbled = whole
    garbled[20] = 0xFF
    try refused(garbled, "UTF-8")
    let name = try #require(String(bytes: [0x22, 0x0A, 0x22], encoding: .utf8))
    try refused(header(name + ":1"), "byte")
    try DurableFile.remove(file)
    expectFailure(
      try copy.run("import", "--from", copy.checkpoint, "--name", "new"), ["layer1.safetensors"])
    #expect(try copy.listed().count == 4)
    #expect(try DurableFile.names(in: copy.path + "/tmp").isEmpty)
  }

  private func header(_ members: String) -> [UInt8] {
    let json = Array("{\(members)}".utf8)
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }

  @Test func theTokenizerOfAnotherModelIsRefusedWithBothSizes() throws {
    let scratch = try ScratchFolder()
    let tokenizer = scratch("tokenizer.json")
    try DurableFile.write(Self.smallTokenizer, to: tokenizer)
    #expect(
      try expectSuccess(["tokenize", "--tokenizer", tokenizer, "--text", "abc"]).text
        == "{\"ids\":[0,1,2]}\n")
    for source in [["--text", "abc"], ["--tokens", "1"]] {
      expectFailure(
        try engram(
          ["memory", "lookup", "ds/layer1", "--tokenizer", tokenizer, "--store", store.path]
            + source), ["is 3", "with 99092"])
    }
    expectFailure(
      try store.run("import", "--from", store.checkpoint, "--tokenizer", tokenizer),
      ["is 3", "with 99092"])
    #expect(try store.listed().count == 4)
  }

  /// Byte-level BPE with three tokens and no merges.
  private static let smallTokenizer = """
    {"version": "1.0", "added_tokens": [], "normalizer": null,
     "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
     "decoder": {"type": "ByteLevel"},
     "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2}, "merges": []}}
    """

  /// A disk that is full behind standard output must not pass for success.
  @Test(arguments: [
    ["list"], ["inspect", "ds/layer1"], ["lookup", "ds/layer1", "--rows", "1"],
    ["lookup", "ds/layer1", "--rows", "1", "--raw"], ["verify", "ds/layer1@1"],
  ])
  func aFullDiskBehindStandardOutputIsAnError(arguments: [String]) throws {
    let outcome = try EngramProcess(
      ["memory"] + arguments + ["--store", store.path], output: "/dev/full"
    ).outcome()
    expectFailure(outcome, ["standard output", "No space left"])
  }
}
