import ArgumentParser
import Foundation
import Fusion

struct BenchFuseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuse",
    abstract: "Measure fusion, in tokens a second.",
    discussion: """
      With --peers, the script computes the same with PyTorch, on as many threads: once with
      OpenBLAS as it comes, and once with OpenBLAS told to use the processor that ours uses. A
      ratio above 1 says how many times faster ours is.

      With --backward, it measures what training costs instead: a forward and a backward pass on
      one thread, at the small sizes that tables are trained at, and the matrix products in them
      alone.

      Examples:
        engram bench fuse
        engram bench fuse --backward
        engram bench fuse --case engram-paper --tokens 4096 --format json
        engram bench fuse --peers Tools/peers/fuse_peers.py --python /usr/bin/python3
      """)

  @Option(name: .customLong("case"), help: "Measure this case only: \(FusionCase.names).")
  var name: String?

  @Option(help: "Tokens in a batch.")
  var tokens = 1024

  @Option(help: "Threads to use.")
  var threads = 2

  @Option(help: "How often to measure; the median is printed.")
  var repeats = 5

  @Flag(help: "Measure forward and backward passes, as training runs them.")
  var backward = false

  @Option(help: "The script that measures peers.")
  var peers: String?

  @Option(help: "The Python, with PyTorch, that runs it.")
  var python = "/usr/bin/python3"

  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard tokens > 0, threads > 0, repeats > 0, tokens <= 1 << 20 else {
      throw ValidationError("--tokens, --threads and --repeats must be at least 1")
    }
    if let name, !FusionCase.all.contains(where: { $0.name == name }) {
      throw ValidationError("unknown case \(name); use one of \(FusionCase.names)")
    }
  }

  func run() throws {
    let report = BenchReport(format: options.format)
    guard !backward else { return try measureTraining(report) }
    for fusionCase in FusionCase.all where name == nil || name == fusionCase.name {
      func ours() throws -> Double {
        try fusionCase.measure(tokens: tokens, threads: threads, repeats: repeats)
      }
      // A peer stands between two measurements of ours, so that a machine that slows down meanwhile
      // slows both.
      var before = try ours()
      let what = "\(fusionCase.title), \(tokens) tokens"
      report.print(BenchLine(bench: "fuse", what: what, value: before, unit: "tokens/s"))
      for processor in peers == nil ? [] : [nil, EngramFusion.matrixProcessor] {
        let peer = try measurePeer(peers ?? "", fusionCase.name, processor: processor)
        let after = try ours()
        let rate = (before * after).squareRoot()
        before = after
        let name = peer.what + (processor.map { ", OPENBLAS_CORETYPE=\($0)" } ?? "")
        report.print(
          BenchLine(
            bench: "fuse", what: "\(fusionCase.title), \(name)", value: peer.value,
            unit: peer.unit))
        report.print(
          BenchLine(
            bench: "fuse", what: what, value: rate, unit: "tokens/s", against: name,
            ratio: rate / peer.value))
      }
      let single = try fusionCase.measure(tokens: 1, threads: threads, repeats: repeats * 4)
      report.print(
        BenchLine(
          bench: "fuse", what: "\(fusionCase.title), one by one", value: single,
          unit: "tokens/s"))
    }
  }

  private func measureTraining(_ report: BenchReport) throws {
    for form in FusionForm.allCases where name == nil || name == form.rawValue {
      let bench = FusionTrainingBench(
        shape: try FusionShape(form: form, branches: 1, width: 64, inputs: 256), tokens: tokens,
        repeats: repeats * 20)
      let times = try bench.measure()
      for (what, seconds) in [
        ("forward and backward", times.passes), ("products alone", times.products),
        ("all but products", times.passes - times.products),
      ] {
        report.print(
          BenchLine(
            bench: "fuse", what: "\(bench.title), \(what)", value: seconds * 1e6,
            unit: "us/token"))
      }
      report.print(
        BenchLine(
          bench: "fuse", what: "\(bench.title), products alone",
          value: times.operations / times.products / 1e9, unit: "GFLOP/s"))
    }
  }

  /// Runs the script for one case and reads the line it prints.
  private func measurePeer(
    _ script: String, _ name: String, processor: String?
  ) throws -> BenchLine {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [
      script, "--case", name, "--tokens", "\(tokens)", "--threads", "\(threads)", "--repeats",
      "\(repeats)",
    ]
    var environment = ProcessInfo.processInfo.environment
    if let processor { environment["OPENBLAS_CORETYPE"] = processor }
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    do { try process.run() } catch {
      throw CommandError("cannot run \(python)", hint: "give a Python with --python")
    }
    let text = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let line = try? JSONDecoder().decode(BenchLine.self, from: text)
    else {
      throw CommandError(
        "\(script) did not print a figure", hint: "run it by itself to see why, or omit --peers")
    }
    return line
  }
}
