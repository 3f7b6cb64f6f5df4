import Foundation
import MemoryBuilder
import MemoryTables

/// What a conversion did, for people and for programs.
struct ConversionSummary {
  let source: TableManifest
  let report: TableConversion.Report
  let seconds: Double

  private struct Line: Encodable {
    var name: String
    var version: Int
    var identity: String
    var from: TableManifest.Source.Origin
    var codec: RowCodec
    var scale: Float?
    var rows: Int
    var dimension: Int
    var bytes: Int
    var sourceBytes: Int
    var seconds: Double
    var errors: ConversionErrors
  }

  func print(_ format: OutputFormat) throws {
    switch format {
    case .json: try JSONLine.print(line)
    case .text: printText()
    }
  }

  private var line: Line {
    Line(
      name: report.table.name, version: report.table.version, identity: report.table.identity,
      from: .init(source), codec: report.codec, scale: report.scale, rows: source.rows,
      dimension: source.dimension, bytes: report.bytes, sourceBytes: report.sourceBytes,
      seconds: seconds, errors: report.errors)
  }

  private func printText() {
    Swift.print(
      "converted \(source.name)@\(source.version) to \(report.table.name)@\(report.table.version)"
        + "  identity \(report.table.identity)")
    Swift.print(
      "\(source.codec.rawValue) to \(report.codec.rawValue)"
        + (report.scale.map { " with scale \($0)" } ?? "")
        + ", \(ByteCount.text(report.sourceBytes)) to \(ByteCount.text(report.bytes)) in "
        + "\((seconds * 10).rounded() / 10) s, "
        + "\(ByteCount.text(Double(report.sourceBytes) / seconds))/s")
    let errors = report.errors
    let share = errors.numbers > 0 ? Double(errors.exactNumbers) / Double(errors.numbers) : 1
    TextTable.print(
      [
        ["error", ""],
        ["exact", "\((share * 10_000).rounded() / 100) % of \(errors.numbers) numbers"],
        ["RMS", Self.text(errors.rms)],
        ["relative RMS", Self.text(errors.relativeRMS)],
      ]
        + errors.percentiles.map { ["\(Self.percent($0.percent)) % below", Self.text($0.error)] }
        + [["maximum", Self.text(errors.maximum)]])
    if let first = errors.firstNonFiniteRow {
      Swift.print(
        "\(errors.nonFiniteRows) rows hold NaN or infinity (the first: row \(first)); such "
          + "numbers are in none of these figures")
    }
  }

  private static func text(_ error: Double) -> String { String(format: "%.3g", error) }

  private static func percent(_ value: Double) -> String { String(format: "%g", value) }
}
