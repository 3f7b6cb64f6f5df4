import Files
import Foundation
import MemoryTables
import Storage
import TestCheckpoints
import Testing

/// Training from the command line, on a dataset that takes a moment.
@Suite(.serialized) struct TrainCommandTests {
  private let fixture: TrainFixture

  init() throws { fixture = try TrainFixture.shared.get() }

  @Test func aTrainedTableHelpsAndOpensLikeAnyOther() throws {
    let (plot, csv) = (fixture.scratch("loss.png"), fixture.scratch("loss.csv"))
    let model = fixture.scratch("model.safetensors")
    let lines = try fixture.train(
      "--as", "sound", "--epochs", "6", "--plot", plot, "--csv", csv, "--codec", "f32", "--model",
      model)
    let result = try #require(lines.last)
    #expect(lines.dropLast().allSatisfy { $0["event"] as? String == "evaluated" })
    #expect(result["event"] as? String == "trained")
    #expect(result["wasStopped"] as? Bool == false)
    let losses = TrainFixture.losses(result)
    let (on, off) = (try #require(losses["on"]), try #require(losses["off"]))
    #expect(on < 0.85 * off)
    #expect(try #require(losses["shuffled"]) > 0.98 * off)
    let encoded = (result["encoded"] as? [String: Any])?["natsPerToken"] as? Double
    #expect(abs(try #require(encoded) - on) < 1e-9)

    // The table is one like any other, and its numbers can be had again.
    #expect(try fixture.versions(of: "sound") == [1])
    let again = try fixture.evaluate("--table", "sound")
    #expect(abs(try #require(again["on"]) - on) < 1e-9)
    #expect(abs(try #require(again["off"]) - off) < 1e-9)
    #expect(again["shuffled"] == losses["shuffled"])
    let other = try fixture.evaluate("--table", "sound@1", "--model", model, "--mode", "on")
    #expect(other == ["on": try #require(again["on"])])
    let all = try fixture.evaluate("--table", "sound", "--all", "--mode", "on")
    #expect(try #require(all["on"]) < on, "what was learned from is known better")
    try expectSuccess(["memory", "verify", "sound", "--store", fixture.store])
    try expectSuccess([
      "memory", "lookup", "sound", "--text", "abc", "--tokenizer", fixture.tokenizer, "--store",
      fixture.store,
    ])
    #expect(!DurableFile.isFolder(fixture.work("sound")))

    let table = String(decoding: try DurableFile.read(csv), as: UTF8.self)
    let rows = table.split(separator: "\n")
    #expect(rows.first?.hasPrefix("tokens,seconds,rate,training_nats,on_nats") == true)
    #expect(rows.count == lines.count && rows.count >= 2)
    #expect(try DurableFile.read(plot).starts(with: [0x89, 0x50, 0x4E, 0x47]))
  }

  @Test func oneThreadRepeatsItself() throws {
    let runs = try ["a", "b"].map { name in
      try #require(
        try fixture.train("--as", "same/\(name)", "--epochs", "1", "--threads", "1").last)
    }
    let losses = runs.map { TrainFixture.losses($0) }
    #expect(losses[0] == losses[1] && losses[0].count == 3)
    let other = try fixture.train(
      "--as", "same/c", "--epochs", "1", "--threads", "1", "--seed", "2")
    #expect(TrainFixture.losses(try #require(other.last)) != losses[0])
  }

  @Test func peopleSeeALineAnEvaluationAndATable() throws {
    let text = try expectSuccess(
      fixture.arguments(["--as", "people", "--epochs", "1", "--codec", "fp8e4m3-e8m0x32"])
    ).text
    for word in [
      "held out", "nats/token", "memory on", "as fp8e4m3-e8m0x32", "memory off", "rows shuffled",
      "tokens/s", "published people@1  identity ",
    ] { #expect(text.contains(word), "\(word)") }
    #expect(!text.contains("\r") && !text.contains("\u{1B}"))
  }

  @Test func aHostAloneIsTrainedAndEvaluated() throws {
    let model = fixture.scratch("host.safetensors")
    let result = try #require(
      try fixture.train("--no-memory", "--model", model, "--epochs", "1").last)
    let loss = try #require(TrainFixture.losses(result)["on"])
    #expect(result["name"] == nil)
    #expect(try fixture.evaluate("--model", model) == ["on": loss])
    expectFailure(
      try engram([
        "memory", "evaluate", "text", "--model", model, "--table", "people", "--tokenizer",
        fixture.tokenizer, "--store", fixture.store,
      ]))
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func ctrlCStopsAndPublishesAndResumingGoesOn(signal: Int32) throws {
    let name = "stopped\(signal)"
    let process = try fixture.startLongRun(name)
    kill(process.processIdentifier, signal)
    let outcome = try process.outcome()
    #expect(outcome.status == 0 && !outcome.isCrash, "\(outcome.errors)")
    #expect(outcome.errors.contains("stopped") && outcome.errors.contains("--resume"))
    #expect(outcome.text.contains("published \(name)@1"))
    #expect(try fixture.versions(of: name) == [1])
    let tokens = try #require(
      try fixture.train("--as", name, "--epochs", "1", "--resume").last?["tokens"] as? Int)
    #expect(tokens > 0)
    #expect(try fixture.versions(of: name) == [1, 2])
    #expect(!DurableFile.isFolder(fixture.work(name)))
  }

  @Test func aKilledRunGoesOnFromItsCheckpoint() throws {
    let process = try fixture.startLongRun("killed")
    kill(process.processIdentifier, SIGKILL)
    #expect(try process.outcome().isCrash)
    #expect(try fixture.versions(of: "killed") == [])
    func again(_ options: String...) throws -> EngramProcess.Outcome {
      try engram(fixture.arguments(["--as", "killed", "--epochs", "1"] + options))
    }
    expectFailure(try again(), ["unfinished run", "--resume"])
    expectFailure(try again("--resume", "--width", "8"), ["another run"])
    #expect(try again("--resume").status == 0)
    #expect(try fixture.versions(of: "killed") == [1])
  }

  @Test func publishingWaitsForAnotherWriter() throws {
    let process: EngramProcess
    do {
      let writer = try Store(path: fixture.store, mode: .writing)
      process = try EngramProcess(fixture.arguments(["--as", "patient", "--epochs", "1"]))
      // The last checkpoint is on the disk before anything is published.
      while process.isRunning,
        (try? DurableFile.names(in: fixture.work("patient")))?.contains(where: {
          $0.hasPrefix("checkpoint-") && !$0.hasSuffix(".partial")
        }) != true
      { usleep(10_000) }
      usleep(1_000_000)
      #expect(process.isRunning)
      #expect(try writer.publishedTables().allSatisfy { $0.name != "patient" })
    }
    let outcome = try process.outcome()
    #expect(outcome.status == 0 && outcome.errors.contains("waiting to publish"))
    #expect(try fixture.versions(of: "patient") == [1])
  }

  /// A folder that cannot be written by then must not cost what was learned.
  @Test func whatCannotBePublishedIsKept() throws {
    let folder = fixture.scratch("gone")
    try DurableFile.createFolder(folder)
    let process = try EngramProcess(
      fixture.arguments([
        "--no-memory", "--model", folder + "/model", "--work", fixture.scratch("kept"),
        "--epochs", "10",
      ]))
    while process.isRunning, !DurableFile.isFolder(fixture.scratch("kept")) { usleep(1000) }
    try DurableFile.remove(folder)
    let outcome = try process.outcome()
    #expect(outcome.status == 1 && !outcome.isCrash)
    #expect(outcome.errors.filter(\.isNewline).count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("is kept in") && outcome.errors.contains("--resume"))
    try DurableFile.createFolder(folder)
    let again = try fixture.train(
      "--no-memory", "--model", folder + "/model", "--work", fixture.scratch("kept"), "--epochs",
      "10", "--resume")
    #expect(again.last?["model"] as? String == folder + "/model")
    #expect(!DurableFile.isFolder(fixture.scratch("kept")))
  }

  @Test func twoRunsInOneFolderAreRefused() throws {
    let process = try fixture.startLongRun("busy")
    expectFailure(
      try engram(fixture.arguments(["--as", "busy", "--resume"])), ["another process trains in"])
    kill(process.processIdentifier, SIGKILL)
    _ = try process.outcome()
    try DurableFile.remove(fixture.work("busy"))
  }
}
