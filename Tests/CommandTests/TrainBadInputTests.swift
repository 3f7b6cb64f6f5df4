import Files
import Foundation
import Samples
import Storage
import TestCheckpoints
import Testing

/// Whatever is wrong with a run, one line says it and nothing is left behind.
@Suite struct TrainBadInputTests {
  private let fixture: TrainFixture

  init() throws { fixture = try TrainFixture.shared.get() }

  @Test(arguments: [
    ["--codec", "nix"], ["--addressing", "nix"], ["--form", "nix"], ["--schedule", "nix"],
    ["--plot", "x.jpg"], ["--time-limit", "0"], ["--time-limit", "soon"], ["--rate", "0"],
    ["--clip", "nan"], ["--checkpoint-every", "-1"], ["--epochs", "x"], ["--no-memory"],
  ])
  func wrongUsageHasItsOwnCode(options: [String]) throws {
    expectFailure(
      try engram(fixture.arguments(["--as", "bad"] + options)), code: 64,
      ["see 'engram memory train"])
  }

  @Test func aTableNeedsANameAndAHostAFile() throws {
    expectFailure(try engram(fixture.arguments([])), code: 64, ["--as"])
    expectFailure(try engram(fixture.arguments(["--no-memory"])), code: 64, ["--model"])
  }

  @Test(arguments: [
    (["--dim", "30"], "--dim 30 does not divide among 4 heads"), (["--dim", "0"], "--dim 0"),
    (["--vocabulary", "255"], "256 ids, the addressing takes 255"),
    (["--batch", "65536"], "fewer than one batch of 65536"), (["--batch", "1"], "--batch 1"),
    (["--held-out", "0.000001"], "holds nothing out"), (["--held-out", "1"], "--held-out"),
    (["--width", "0"], "--width 0"), (["--branches", "65"], "--branches 65"),
    (["--epochs", "0"], "--epochs 0"), (["--threads", "0"], "--threads 0"),
    (["--stretch", "257"], "--stretch 257"), (["--negatives", "0"], "--negatives 0"),
    (["--max-order", "9"], "max order 9"), (["--heads", "65"], "heads 65"),
    (["--addressing", "qwen-ple", "--pad=-3"], "-3"),
    (["--width", "16384", "--branches", "64", "--dim", "16384"], "of memory, this machine has"),
    (["--rate", "900"], "training diverged"), (["--resume"], "no checkpoint to go on from"),
    (["--csv", "/dev/null/x.csv"], "cannot write /dev/null/x.csv"),
    (["--model", "/dev/null/x"], "cannot write /dev/null/x"),
  ])
  func wrongNumbersAreNamed(options: [String], word: String) throws {
    let name = "bad" + options.joined().filter { $0.isLetter || $0.isNumber }
    let outcome = try engram(fixture.arguments(["--as", name] + options))
    // What was shown on the way does not count.
    #expect(outcome.status == 1 && !outcome.isCrash)
    #expect(
      outcome.errors.hasPrefix("engram: ") && outcome.errors.contains(word), "\(outcome.errors)")
    #expect(outcome.errors.filter(\.isNewline).count == 1)
    #expect(try fixture.versions(of: name).isEmpty)
    #expect(word.hasPrefix("training") || !DurableFile.isFolder(fixture.work(name)))
  }

  @Test(arguments: [
    (["--as", "a b"], "cannot name a table"), (["--as", "a@3"], "names a version"),
    (["--as", "../x"], "cannot name a table"),
  ])
  func wrongNamesAreNamed(options: [String], word: String) throws {
    expectFailure(try engram(fixture.arguments(options)), [word])
  }

  @Test func datasetsMustBeOfTheTokenizer() throws {
    let fixture = try TrainFixture()
    let datasets = try DatasetFixture()
    func refused(_ dataset: String, _ word: String) throws {
      expectFailure(
        try engram([
          "memory", "train", dataset, "--as", "x", "--tokenizer", fixture.tokenizer, "--store",
          datasets.path,
        ]), [word])
    }
    try refused("ids", "does not say which tokenizer")
    try refused("raw", "which is no text")
    try refused("nix", "no dataset nix")
    #expect(!DurableFile.isFolder(datasets.path + "/training"))

    let other = fixture.scratch("other.json")
    try DurableFile.write(TrainFixture.byteTokenizer(adding: ["ab"]), to: other)
    let ids = "ids\(UUID().uuidString.prefix(8))"
    try expectSuccess([
      "dataset", "tokenize", "text", "--tokenizer", other, "--as", ids, "--store", fixture.store,
    ])
    expectFailure(
      try engram(fixture.arguments(["--as", "bad-ids"], dataset: ids)), ["of the tokenizer"])
    expectFailure(
      try engram([
        "memory", "train", "text", "--tokenizer", "/nowhere", "--as", "x", "--store",
        fixture.store,
      ]), ["/nowhere"])
  }

  @Test func aMissingStoreIsNotMade() throws {
    let missing = fixture.scratch("missing")
    for command in [["train", "text", "--as", "x"], ["evaluate", "text", "--table", "x"]] {
      expectFailure(
        try engram(
          ["memory"] + command + ["--tokenizer", fixture.tokenizer, "--store", missing]),
        ["no store at"])
    }
    #expect(!DurableFile.isFolder(missing))
  }

  @Test(.enabled(if: SmallDisk.isAvailable))
  func aFullDiskIsNamedBeforeItIsTouched() throws {
    let disk = try SmallDisk(size: "4m")
    let outcome = try engram(
      fixture.arguments(
        ["--as", "full", "--work", disk.path + "/work"], base: 100_000))
    expectFailure(outcome, ["MB free, training needs"])
    #expect(!DurableFile.isFolder(disk.path + "/work"))
    // Room for the rows, not for a checkpoint of them.
    disk.fill(leaving: 100_000)
    let tight = try engram(
      fixture.arguments(["--as", "full", "--work", disk.path + "/work", "--epochs", "1"]))
    #expect(tight.status == 1 && !tight.isCrash)
    #expect(tight.errors.filter(\.isNewline).count == 1, "\(tight.errors)")
    #expect(try fixture.versions(of: "full").isEmpty)
  }

  @Test func evaluationNamesWhatDoesNotFit() throws {
    let fixture = try TrainFixture()
    func refused(_ options: [String], code: Int32 = 1, _ word: String) throws {
      expectFailure(
        try engram(
          [
            "memory", "evaluate", "text", "--tokenizer", fixture.tokenizer, "--store",
            fixture.store,
          ] + options), code: code, [word])
    }
    _ = try fixture.train("--as", "fits", "--epochs", "1")
    try refused(["--table", "nix"], "no table nix")
    try refused(["--model", fixture.tokenizer], "tokenizer.json")
    try refused([], code: 64, "give --table, or --model")
    try refused(["--table", "fits", "--mode", "nix"], code: 64, "unknown mode nix")
    try refused(["--table", "fits", "--held-out", "0"], code: 64, "--held-out")
    try refused(["--table", "fits", "--held-out", "0.000001"], "holds nothing out")
    let other = fixture.scratch("another.json")
    try DurableFile.write(TrainFixture.byteTokenizer(adding: ["ab", "cd"]), to: other)
    expectFailure(
      try engram([
        "memory", "evaluate", "text", "--table", "fits", "--tokenizer", other, "--store",
        fixture.store,
      ]), ["the tokenizer is"])
    let plain = try StoreFixture.copy()
    try expectSuccess([
      "ingest", fixture.scratch("text.jsonl"), "--dataset", "text", "--store", plain.path,
    ])
    expectFailure(
      try engram([
        "memory", "evaluate", "text", "--table", "ds/layer1", "--tokenizer", fixture.tokenizer,
        "--store", plain.path,
      ]), ["no trained model beside it"])
  }
}
