import ArgumentParser
import ContextStore
import Foundation
import Synchronization

/// Every row of a context store, compared with its checksum.
struct ContextVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of a context store against its checksums.",
    discussion: """
      Prints one line for each thing that is damaged and exits with 1. Nothing damaged is ever \
      served: it is a miss, and goes when room is needed. Works beside the process that writes.

        engram context verify
        engram context verify --context /data/context --format json
      """)

  @OptionGroup var context: ContextOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let opening = OpeningLog()
    let store = try context.open(.reading) { opening.note($0) }
    let found = opening.close()
    Interruption.watch()
    let bar = ProgressBar("verifying")
    var report = store.verify { done, total in
      do { try bar.update(done, total) } catch {
        // The store was opened for reading: there is nothing to undo.
        bar.clear()
        StandardStreams.note("engram: stopped; nothing was changed")
        Foundation.exit(130)
      }
    }
    bar.clear()
    report.damaged = found.filter { line in !report.damaged.contains(line) } + report.damaged
    switch output.format {
    case .json: try JSONLine.print(report)
    case .text:
      for line in report.damaged { print(SingleLine.text(line)) }
      print(
        "\(report.segments) segments, \(report.blocks) blocks, \(ByteCount.text(report.bytes)) "
          + "checked")
      print(
        report.damaged.isEmpty
          ? "all as put"
          : report.damaged.count == 1 ? "1 problem" : "\(report.damaged.count) problems")
    }
    if !report.damaged.isEmpty { throw ExitCode(1) }
  }
}

/// What a store says while it is opened; what it says later, its check says, too.
private final class OpeningLog: Sendable {
  private let lines = Mutex<(kept: [String], isOpen: Bool)>(([], true))

  func note(_ line: String) {
    lines.withLock { if $0.isOpen { $0.kept.append(line) } }
  }

  func close() -> [String] {
    lines.withLock {
      $0.isOpen = false
      return $0.kept
    }
  }
}
