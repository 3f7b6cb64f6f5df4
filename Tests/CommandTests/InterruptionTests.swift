import Files
import Foundation
import TestCheckpoints
import Testing

/// Imports that end early: by Ctrl-C, by a limit, by a kill.
@Suite(.serialized) struct InterruptionTests {
  private let store: StoreFixture
  private let large: LargeCheckpoint

  init() throws {
    store = try StoreFixture.copy()
    large = try LargeCheckpoint()
  }

  /// A few hundred megabytes, written by the project's own tool.
  private final class LargeCheckpoint: Sendable {
    let scratch: ScratchFolder
    var path: String { scratch("checkpoint") }

    init() throws {
      scratch = try ScratchFolder()
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = [
        "python3", StoreFixture.root.appendingPathComponent("Tools/make-checkpoint").path,
        "--family", "plain", "--dim", "64", "--size", "256M", "--quiet", path,
      ]
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0, "Tools/make-checkpoint failed")
    }
  }

  private func importLarge(prelude: String? = nil) throws -> EngramProcess {
    try EngramProcess(
      [
        "memory", "import", "--from", large.path, "--name", "large", "--store",
        store.path,
      ], prelude: prelude)
  }

  /// Waits until rows are being written.
  private func waitForRows(_ process: EngramProcess) throws {
    while process.isRunning {
      let work = (try? DurableFile.names(in: store.path + "/tmp")) ?? []
      let files = work.flatMap { (try? DurableFile.names(in: store.path + "/tmp/" + $0)) ?? [] }
      if files.contains(where: { $0.hasPrefix("file-") }) { return }
      usleep(5000)
    }
  }

  private func expectUnchanged() throws {
    #expect(try store.listed().count == 4)
    #expect(try DurableFile.names(in: store.path + "/tmp").isEmpty)
    #expect(try DurableFile.names(in: store.path + "/tables").count == 4)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func ctrlCStopsAnImportAndLeavesNothing(signal: Int32) throws {
    let process = try importLarge()
    try waitForRows(process)
    kill(process.processIdentifier, signal)
    let outcome = try process.outcome()
    expectFailure(outcome, code: 130, ["stopped"])
    #expect(try DurableFile.names(in: store.path + "/tmp").isEmpty)
    try expectUnchanged()
  }

  @Test func aKilledImportIsSweptByTheNextCommand() throws {
    let process = try importLarge()
    try waitForRows(process)
    // Beside a writer, readers work and a second writer is told who it is.
    #expect(try store.listed().count == 4)
    expectFailure(
      try store.run("drop", "ds/layer1@1"),
      ["is being written by process \(process.processIdentifier)"])
    kill(process.processIdentifier, SIGKILL)
    #expect(try process.outcome().isCrash)
    #expect(try !DurableFile.names(in: store.path + "/tmp").isEmpty)
    try expectUnchanged()
  }

  /// The file system refuses in the middle of the rows, as a full one does.
  @Test func aLimitOnFileSizesFailsTheImportInOneLine() throws {
    let process = try importLarge(prelude: "ulimit -f 65536; trap '' XFSZ")
    expectFailure(try process.outcome(), ["File too large"])
    #expect(try DurableFile.names(in: store.path + "/tmp").isEmpty)
    try expectUnchanged()
    try store.succeed("import", "--from", store.checkpoint, "--name", "ds", "--layer", "1")
    #expect(try store.listed().contains("ds/layer1@3"))
  }
}
