import Checkpoints
import Files
import Foundation
import Storage

/// Importing a checkpoint, beside `cp` of the same files.
struct ImportBench {
  let checkpoint: String
  let folder: String
  let report: BenchReport

  func run(rounds: Int) throws {
    let source = try CheckpointFolder(path: checkpoint)
    let files = source.filesHoldingOnly(try source.tables()).map(\.path)
    guard !files.isEmpty else {
      throw CommandError("no file of \(checkpoint) holds tables alone: nothing to compare cp with")
    }
    let bytes = files.reduce(0) { $0 + (DurableFile.size(of: $1) ?? 0) }
    try DurableFile.createFolder(folder)
    var imports: [Double] = []
    var copies: [Double] = []
    var durable: [Double] = []
    var peak = 0
    for round in 0...rounds {
      let store = folder + "/store"
      try DurableFile.remove(store)
      Measure.settle()
      let imported = try ChildProcess.run([
        ChildProcess.ownPath, "memory", "import", "--from", checkpoint, "--name", "bench",
        "--store", store,
        "--format", "json",
      ])
      guard imported.status == 0 else { throw CommandError("the import failed") }
      try DurableFile.remove(store)
      let target = folder + "/copy"
      try DurableFile.remove(target)
      try DurableFile.createFolder(target)
      Measure.settle()
      let copied = try ChildProcess.run(["cp"] + files + [target])
      guard copied.status == 0 else { throw CommandError("cp failed") }
      let flushed = try Measure.seconds {
        for name in try DurableFile.names(in: target) {
          try DurableFile.synchronize(file: target + "/" + name)
        }
      }
      try DurableFile.remove(target)
      guard round > 0 else { continue }
      imports.append(imported.seconds)
      copies.append(copied.seconds)
      durable.append(copied.seconds + flushed)
      peak = max(peak, imported.peakBytes)
    }
    func rate(_ seconds: [Double]) -> Double { Double(bytes) / Measure.median(seconds) / 1e6 }
    func line(_ what: String, _ value: Double, _ against: String?, _ ratio: Double?) {
      report.print(
        BenchLine(
          bench: "import", what: what, value: value, unit: "MB/s", against: against, ratio: ratio))
    }
    line("cp of \(ByteCount.text(bytes))", rate(copies), nil, nil)
    line("cp, then fsync", rate(durable), nil, nil)
    line("import, durable and checked", rate(imports), "cp", rate(imports) / rate(copies))
    line(
      "import, durable and checked", rate(imports), "cp, then fsync",
      rate(imports) / rate(durable))
    report.print(
      BenchLine(
        bench: "import", what: "most memory of the import", value: Double(peak) / 1e6, unit: "MB",
        against: nil, ratio: nil))
  }
}
