import Files
import Foundation
import MemoryTraining
import Plots

/// The losses of a run on the way, as a picture and as a table.
struct TrainingCurve {
  let title: String
  let points: [Trainer.CurvePoint]
  /// A file each, where they are wanted.
  let plot: String?
  let csv: String?

  /// Writes the files anew; each has its old content or all of the new at any moment.
  func write() throws {
    if let plot { try chart.write(to: plot) }
    if let csv { try DurableFile.write(table, to: csv) }
  }

  private var chart: Chart {
    func line(_ name: String, _ loss: (Trainer.CurvePoint) -> Double?) -> Panel.Line {
      Panel.Line(
        name, points.compactMap { point in loss(point).map { .init(Double(point.tokens), $0) } })
    }
    var lines = [line("held out, memory on") { $0.on.natsPerToken }]
    if points.contains(where: { $0.off != nil }) {
      lines.append(line("held out, memory off") { $0.off?.natsPerToken })
    } else {
      lines[0].name = "held out"
    }
    let training = line("training") { $0.training }
    return Chart(
      title,
      panels: [
        Panel(
          "Held-out loss", x: Axis("tokens learned from"), y: Axis("nats a token"), .lines(lines)),
        Panel(
          "Training loss, over candidates", x: Axis("tokens learned from"),
          y: Axis("nats a token"), .lines([training])),
      ])
  }

  private var table: String {
    let names = [
      "tokens", "seconds", "rate", "training_nats", "on_nats", "on_bits_per_byte", "off_nats",
      "off_bits_per_byte",
    ]
    let rows = points.map { point in
      [
        "\(point.tokens)", "\(point.seconds)", "\(point.rate)", "\(point.training)",
        "\(point.on.natsPerToken)", "\(point.on.bitsPerByte)",
        point.off.map { "\($0.natsPerToken)" } ?? "", point.off.map { "\($0.bitsPerByte)" } ?? "",
      ]
    }
    return ([names] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }
}
