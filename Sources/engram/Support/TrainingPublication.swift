import Foundation
import MemoryTables
import MemoryTraining
import Storage
import TokenStreams

/// What follows a run: the table is published, the model written, both reported.
struct TrainingPublication {
  let trainer: Trainer
  let report: Trainer.Report
  /// The table's name; `nil` for a host alone.
  let name: String?
  let codec: RowCodec
  /// Where the model goes too.
  let model: String?
  let store: StoreOptions
  let format: OutputFormat

  private struct Line: Encodable {
    var event = "trained"
    var tokens: Int
    var seconds: Double
    var tokensPerSecond: Double
    var wasStopped: Bool
    var losses: [String: LossReport.Line]
    var name: String?
    var version: Int?
    var identity: String?
    var codec: String?
    var encoded: LossReport.Line?
    var model: String?
  }

  func run() throws {
    var losses = LossReport(losses: report.losses, hasMemory: name != nil)
    let published = try name.map(publish)
    if let published { losses.encoded = (codec.rawValue, published.loss) }
    if let model { try trainer.model.write(to: model) }
    let rate = Double(report.tokens) / max(1e-9, report.seconds)
    switch format {
    case .json:
      try JSONLine.print(
        Line(
          tokens: report.tokens, seconds: report.seconds, tokensPerSecond: rate,
          wasStopped: report.wasStopped, losses: losses.lines, name: published?.table.name,
          version: published?.table.version, identity: published?.table.identity,
          codec: published == nil ? nil : codec.rawValue,
          encoded: published.map { .init($0.loss) }, model: model))
    case .text:
      print(
        "learned from \(TrainingObserver.grouped(report.tokens)) tokens in "
          + String(format: "%.1f s, ", report.seconds)
          + "\(TrainingObserver.grouped(Int(rate))) tokens/s")
      losses.printText()
      if let table = published?.table {
        print("published \(table.name)@\(table.version)  identity \(table.identity)")
      }
      if let model { print("wrote \(model)") }
    }
  }

  /// Publishes the table and predicts with it as it was stored.
  private func publish(_ name: String) throws -> (table: PublishedTable, loss: HeldOutLoss) {
    let bar = ProgressBar("publishing")
    defer { bar.clear() }
    let wasStopped = report.wasStopped
    let store = try openForWriting()
    let table = try trainer.publish(as: name, codec: codec, in: store) { done, total in
      // Who stopped the run wants what it has learned.
      if !wasStopped { try Interruption.check() }
      bar.show(share: Double(done) / Double(max(1, total)), detail: ByteCount.text(done))
    }
    let opened = try Table(TableReference(name: table.name, version: table.version), in: store)
    let losses = try trainer.evaluate(
      [.on], limit: trainer.options.evaluationTokens * 4, table: opened)
    return (table, losses[.on] ?? HeldOutLoss(tokens: 0, bytes: 0, nats: 0))
  }

  /// Opens the store, and waits while another process writes it: hours of training are worth that.
  private func openForWriting() throws -> Store {
    var hasSaid = false
    while true {
      do { return try store.open(.writing) } catch StorageError.writerIsActive(let path, let id) {
        if Interruption.isAsked, !report.wasStopped {
          throw StorageError.writerIsActive(path: path, processIdentifier: id)
        }
        if !hasSaid {
          StandardStreams.note(
            "engram: waiting to publish: \(path) is being written by process "
              + (id.map(String.init) ?? "unknown"))
        }
        hasSaid = true
        usleep(100_000)
      }
    }
  }
}
