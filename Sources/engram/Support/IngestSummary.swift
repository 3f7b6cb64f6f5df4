import DatasetBuilder
import Foundation

/// What an ingest did, for people or programs.
struct IngestSummary {
  private let report: IngestReport
  private let seconds: Double

  init(_ report: IngestReport, seconds: Double) {
    self.report = report
    self.seconds = seconds
  }

  private struct Line: Encodable {
    var name: String
    var version: Int
    var isNew: Bool
    var identity: String
    var kind: String
    var samples: Int
    var bytes: Int
    var ingested: Int
    var resumed: Int
    var shared: Int
    var newChunks: Int
    var newFileBytes: Int
    var exactDuplicates: Int
    var nearDuplicates: Int
    var forgottenDuplicates: Int
    var empty: Int
    var leftOut: [String: Int]
    var bad: Int
    var badFile: String?
    var seconds: Double
  }

  func show(_ format: OutputFormat) throws {
    let manifest = report.version.manifest
    let counts = report.counts
    switch format {
    case .json:
      try JSONLine.print(
        Line(
          name: manifest.name, version: manifest.version, isNew: report.isNew,
          identity: manifest.identity, kind: manifest.kind.rawValue, samples: manifest.samples,
          bytes: manifest.bytes, ingested: counts.samples, resumed: report.resumedSamples,
          shared: counts.sharedSamples, newChunks: report.newChunks,
          newFileBytes: report.newFileBytes, exactDuplicates: counts.exactDuplicates,
          nearDuplicates: counts.nearDuplicates, forgottenDuplicates: report.forgottenDuplicates,
          empty: counts.empty, leftOut: counts.leftOut, bad: counts.bad,
          badFile: report.sideFile, seconds: seconds))
    case .text:
      for line in lines { print(line) }
    }
  }

  private var lines: [String] {
    let manifest = report.version.manifest
    let counts = report.counts
    let things = "\(manifest.kind.rawValue == "tokens" ? "sequence" : manifest.kind.rawValue)"
    func many(_ count: Int, _ thing: String) -> String {
      "\(count) \(thing)\(count == 1 ? "" : "s")"
    }
    var lines = [
      report.isNew
        ? "ingested \(report.version.title)  identity \(manifest.identity)"
        : "nothing differs from \(report.version.title): no new version"
    ]
    let isWhole = counts.samples == manifest.samples
    lines.append(
      "\(many(counts.samples, thingName(things))), \(ByteCount.text(counts.bytes)), in "
        + "\((seconds * 10).rounded() / 10) s, "
        + "\(ByteCount.text(Double(counts.bytes) / max(seconds, 1e-3)))/s"
        + (isWhole ? "" : "; the dataset has \(manifest.samples)")
        + (report.resumedSamples > 0 ? "; \(report.resumedSamples) were in before" : ""))
    lines.append(
      "\(many(report.newChunks, "new chunk")), \(ByteCount.text(report.newFileBytes)) on disk"
        + (counts.sharedSamples > 0
          ? "; \(counts.sharedSamples) of \(counts.samples) unchanged and shared" : ""))
    if counts.exactDuplicates > 0 {
      lines.append("left out: \(counts.exactDuplicates) equal to one before")
    }
    if counts.nearDuplicates > 0 {
      lines.append("left out: \(counts.nearDuplicates) similar to one before")
    }
    if report.forgottenDuplicates > 0 {
      lines.append(
        "\(report.forgottenDuplicates) documents did not fit --dedup-memory and were not compared "
          + "with later ones")
    }
    let reasons = counts.leftOut.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    for (reason, count) in reasons.prefix(6) { lines.append("left out: \(count) \(reason)") }
    if reasons.count > 6 {
      let rest = reasons.dropFirst(6).reduce(0) { $0 + $1.value }
      lines.append(
        "left out: \(rest) for \(reasons.count - 6) other reasons (--format json lists all); "
          + "--include GLOB takes them in")
    }
    if counts.empty > 0 { lines.append("\(many(counts.empty, "document")) without text") }
    if counts.bad > 0 {
      lines.append("\(many(counts.bad, "bad record")) skipped, listed in \(report.sideFile ?? "-")")
    }
    return lines
  }

  private func thingName(_ kind: String) -> String { kind == "bytes" ? "sample" : kind }
}
