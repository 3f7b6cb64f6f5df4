import ContextReplay
import Foundation
import Plots

/// A budget as a person wrote it: "64G".
struct ReplayBudget {
  var text: String
  var bytes: Int
}

/// What a replay against one budget found.
struct ReplayLine: Encodable {
  /// The budget that was asked for.
  var budget: ReplayBudget
  var report: ReplayReport
  /// What a cache without a limit would have hit.
  var unlimitedHitTokens: Int?

  enum CodingKeys: String, CodingKey {
    case budgetBytes = "budget_bytes"
    case hitRate = "hit_rate"
    case simulatedHitRate = "simulated_hit_rate"
    case unlimitedHitTokens = "unlimited_hit_tokens"
  }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var members = encoder.container(keyedBy: CodingKeys.self)
    try members.encode(budget.bytes, forKey: .budgetBytes)
    try members.encode(report.hitRate, forKey: .hitRate)
    try members.encodeIfPresent(report.simulatedHitRate, forKey: .simulatedHitRate)
    try members.encodeIfPresent(unlimitedHitTokens, forKey: .unlimitedHitTokens)
  }
}

/// Replays against several budgets, side by side.
struct ReplayTable {
  let lines: [ReplayLine]

  func printText() {
    guard let first = lines.first else { return }
    print("\(first.report.prompts) prompts, \(first.report.tokens) tokens")
    let isSimulated = first.report.simulatedHitTokens != nil
    var heading = ["budget", "hit rate"]
    if isSimulated { heading.append("exact LRU") }
    heading += [
      "put", "evicted", "refused", "put wait p50", "p99", "get wait p50", "p99", "most on disk",
    ]
    let rows = lines.map { line -> [String] in
      let report = line.report
      var row = [line.budget.text, Self.percent(report.hitRate)]
      if isSimulated { row.append(report.simulatedHitRate.map(Self.percent) ?? "-") }
      return row + [
        ByteCount.text(report.putBytes), "\(report.evictedBlocks) blocks",
        "\(report.refusedBlocks) blocks",
        Self.time(report.putMedian), Self.time(report.putSlowest), Self.time(report.getMedian),
        Self.time(report.getSlowest), ByteCount.text(report.peakBytes),
      ]
    }
    TextTable.print([heading] + rows)
    if let tokens = first.unlimitedHitTokens, first.report.tokens > 0 {
      print("without a limit: \(Self.percent(Double(tokens) / Double(first.report.tokens)))")
    }
    guard first.report.wrongBlocks != nil else { return }
    let wrong = lines.reduce(0) { $0 + ($1.report.wrongBlocks ?? 0) }
    print(wrong == 0 ? "every block read was as put" : "\(wrong) blocks read were not as put")
  }

  /// Hit rates by budget.
  func chart(_ layout: String) -> Chart {
    func points(_ rate: (ReplayReport) -> Double?) -> [Panel.Point] {
      lines.compactMap { line in
        rate(line.report).map { Panel.Point(Double(line.budget.bytes) / 1e9, $0 * 100) }
      }
    }
    var curves = [Panel.Line("context store", points { $0.hitRate })]
    let simulated = points { $0.simulatedHitRate }
    if !simulated.isEmpty { curves.append(Panel.Line("exact LRU", simulated)) }
    if let first = lines.first, let tokens = first.unlimitedHitTokens, first.report.tokens > 0 {
      let rate = Double(tokens) / Double(first.report.tokens)
      curves.append(Panel.Line("no limit", points { _ in rate }))
    }
    return Chart(
      "Hits by budget, \(layout)",
      panels: [
        Panel(
          "", x: Axis("budget, GB", scale: .logarithmic), y: Axis("tokens found, %"),
          .lines(curves))
      ])
  }

  private static func percent(_ share: Double) -> String { String(format: "%.1f%%", share * 100) }

  private static func time(_ milliseconds: Double?) -> String {
    guard let milliseconds else { return "-" }
    return String(format: milliseconds < 10 ? "%.2f ms" : "%.0f ms", milliseconds)
  }
}
