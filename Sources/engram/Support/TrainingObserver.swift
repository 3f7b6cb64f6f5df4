import Foundation
import MemoryTraining

/// Shows a run while it runs: a line that moves for people who watch, a line for each evaluation,
/// and the curve's files.
final class TrainingObserver {
  private struct PointLine: Encodable {
    var event = "evaluated"
    var tokens: Int
    var seconds: Double
    var rate: Float
    var trainingNatsPerToken: Double
    var on: LossReport.Line
    var off: LossReport.Line?
  }

  private let format: OutputFormat
  private let title: String
  private let files: (plot: String?, csv: String?)
  private let encoding = ProgressBar("encoding")
  private let training = ProgressBar("training")
  private var points: [Trainer.CurvePoint] = []
  private var hasComplained = false

  init(format: OutputFormat, title: String, plot: String?, csv: String?) {
    self.format = format
    self.title = title
    files = (plot, csv)
  }

  /// Takes up the curve of the run that is gone on with.
  func begin(after points: [Trainer.CurvePoint], isResuming: Bool) {
    self.points = points
    encoding.clear()
    if !isResuming { training.show(share: 0, detail: "starting") }
  }

  /// Removes what moves.
  func clear() {
    encoding.clear()
    training.clear()
  }

  /// While nothing is learned yet, Ctrl-C ends it here; later the run itself looks.
  func observe(_ event: Trainer.Event) throws {
    switch event {
    case .encoding(let done, let total):
      try Interruption.check()
      encoding.show(share: Double(done) / Double(max(1, total)), detail: "\(done) samples")
    case .training(let progress):
      encoding.clear()
      training.show(share: progress.share, detail: Self.text(progress))
    case .evaluated(let point):
      clear()
      points.append(point)
      try show(point)
      do { try curve.write() } catch {
        // A picture is not worth a run.
        if !hasComplained { StandardStreams.note("engram: \(SingleLine.text("\(error)"))") }
        hasComplained = true
      }
    case .checkpoint: break
    }
  }

  /// The files of all points so far.
  var curve: TrainingCurve {
    TrainingCurve(title: title, points: points, plot: files.plot, csv: files.csv)
  }

  private func show(_ point: Trainer.CurvePoint) throws {
    switch format {
    case .json:
      try JSONLine.print(
        PointLine(
          tokens: point.tokens, seconds: point.seconds, rate: point.rate,
          trainingNatsPerToken: point.training, on: .init(point.on),
          off: point.off.map { .init($0) }))
    case .text:
      var text = "\(Self.grouped(point.tokens)) tokens, \(Int(point.seconds)) s: training "
      text += String(
        format: "%.3f, held out %.4f nats/token", point.training, point.on.natsPerToken)
      if let off = point.off { text += String(format: " (memory off %.4f)", off.natsPerToken) }
      print(text)
    }
    try StandardStreams.flushOutput()
  }

  private static func text(_ progress: Trainer.Progress) -> String {
    "\(grouped(progress.tokens)) tokens  \(grouped(Int(progress.tokensPerSecond))) tokens/s  "
      + String(format: "loss %.3f  rate %.2g", progress.loss, progress.rate)
  }

  /// 1,234,567.
  static func grouped(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }
}
