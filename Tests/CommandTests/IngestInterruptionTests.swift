import Datasets
import Files
import Foundation
import Storage
import TestCheckpoints
import Testing

/// Ingests that end early, and two at once.
@Suite(.serialized) struct IngestInterruptionTests {
  private let fixture: IngestFixture

  init() throws {
    fixture = try IngestFixture()
    // About 170 MB, which take a few seconds.
    var lines = ""
    for line in 0..<5000 {
      lines += "{\"id\":\"\(line)\",\"text\":\"\(line) "
      lines += String(repeating: "text that is long enough \(line % 97) ", count: 70) + "\"}\n"
    }
    try fixture.write("part0.jsonl", lines)
    try fixture.shell(
      "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do"
        + " sed \"s/\\\"text\\\":\\\"/&$i /\" part0.jsonl > part$i.jsonl; done")
  }

  private var small: [String] { ["--chunk-size", "256K"] }

  /// Starts an ingest and waits until something of it has come in durably. It is stopped (as by a
  /// debugger) then, far from its end however fast the machine is.
  private func startAndPause() throws -> EngramProcess {
    let process = try fixture.start(options: small)
    while process.isRunning, (try? DurableFile.names(in: fixture.store + "/chunks"))?.count ?? 0 < 3
    {
      usleep(1000)
    }
    // A durable point is kept when a second has passed since the one before.
    kill(process.processIdentifier, SIGSTOP)
    usleep(1_100_000)
    kill(process.processIdentifier, SIGCONT)
    while process.isRunning {
      usleep(2000)
      kill(process.processIdentifier, SIGSTOP)
      let store = try? Store(path: fixture.store, mode: .reading)
      if (try? store?.interruptedIngest(of: "d")) ?? nil != nil { break }
      kill(process.processIdentifier, SIGCONT)
    }
    #expect(process.isRunning, "too fast for this test: make it larger")
    return process
  }

  private func listed() throws -> Int {
    try expectSuccess(["dataset", "list", "--format", "json", "--store", fixture.store]).lines
      .count
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGKILL])
  func stoppedItShowsWhatItShowedAndResumes(signal: Int32) throws {
    let other = try IngestFixture()
    let whole = try expectSuccess(
      [
        "ingest", fixture.sources, "--dataset", "d", "--store", other.store, "--format", "json",
      ] + small
    ).objects()[0]
    let process = try startAndPause()
    kill(process.processIdentifier, signal)
    kill(process.processIdentifier, SIGCONT)
    let outcome = try process.outcome()
    if signal == SIGKILL {
      #expect(outcome.isCrash)
    } else {
      expectFailure(outcome, code: 130, ["stopped", "--resume"])
    }
    #expect(try listed() == 0)
    let report = try fixture.succeed(options: small + ["--resume"])
    #expect(report["identity"] as? String == whole["identity"] as? String)
    #expect((report["resumed"] as? Int ?? 0) > 0)
    try expectSuccess(["dataset", "verify", "d", "--store", fixture.store])
  }

  @Test func besideAnIngestReadersWorkAndAnotherIsRefused() throws {
    let process = try startAndPause()
    #expect(try listed() == 0)
    expectFailure(
      try fixture.ingest(options: small),
      ["is being written by process \(process.processIdentifier)"])
    kill(process.processIdentifier, SIGCONT)
    #expect(try process.outcome().status == 0)
    #expect(try listed() == 1)
  }

  @Test func aLimitOnFileSizesFailsTheIngestInOneLine() throws {
    let outcome = try fixture.start(
      options: ["--no-compress"], prelude: "ulimit -f 1024; trap '' XFSZ"
    ).outcome()
    expectFailure(outcome, ["File too large"])
    #expect(try listed() == 0)
    #expect(try DurableFile.names(in: fixture.store + "/tmp").isEmpty)
  }
}
