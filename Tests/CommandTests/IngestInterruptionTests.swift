import Files
import Foundation
import TestCheckpoints
import Testing

/// Ingests that end early, and two at once.
@Suite(.serialized) struct IngestInterruptionTests {
  private let fixture: IngestFixture

  init() throws {
    fixture = try IngestFixture()
    // About 60 MB that takes a few seconds in a debug build.
    for file in 0..<6 {
      var lines = ""
      for line in 0..<5000 {
        lines += "{\"id\":\"\(file)-\(line)\",\"text\":\"\(line) "
        lines += String(repeating: "text that is long enough \(line % 97) ", count: 70) + "\"}\n"
      }
      try fixture.write("part\(file).jsonl", lines)
    }
  }

  private var small: [String] { ["--chunk-size", "256K"] }

  private func waitForChunks(_ process: EngramProcess) {
    while process.isRunning {
      let chunks = (try? DurableFile.names(in: fixture.store + "/chunks")) ?? []
      if chunks.count > 20 { return }
      usleep(5000)
    }
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
    let process = try fixture.start(options: small)
    waitForChunks(process)
    // Readers work beside it, a second ingest is told who is there.
    #expect(try listed() == 0)
    expectFailure(
      try fixture.ingest(options: small),
      ["is being written by process \(process.processIdentifier)"])
    usleep(1_200_000)
    #expect(process.isRunning, "too fast for this test: make it larger")
    kill(process.processIdentifier, signal)
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

  @Test func aLimitOnFileSizesFailsTheIngestInOneLine() throws {
    let outcome = try fixture.start(
      options: ["--no-compress"], prelude: "ulimit -f 1024; trap '' XFSZ"
    ).outcome()
    expectFailure(outcome, ["File too large"])
    #expect(try listed() == 0)
    #expect(try DurableFile.names(in: fixture.store + "/tmp").isEmpty)
  }
}
