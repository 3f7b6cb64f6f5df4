import Foundation
import MemoryExplanation

/// An explanation as text for people.
struct ExplanationPrinter {
  private let explanation: Explanation
  private let style: Style

  init(_ explanation: Explanation, isTerminal: Bool = isatty(STDOUT_FILENO) == 1) {
    self.explanation = explanation
    style = Style(isTerminal: isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil)
  }

  /// Colours and bars, where a person watches.
  private struct Style {
    var isTerminal: Bool
    func bold(_ text: String) -> String { isTerminal ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    func dim(_ text: String) -> String { isTerminal ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
    func marked(_ text: String) -> String { isTerminal ? "\u{1B}[1;33m\(text)\u{1B}[0m" : text }

    /// A bar of up to eight characters, with what it stands for behind it; nothing else elsewhere.
    func bar(_ share: Float) -> String {
      guard isTerminal, share.isFinite else { return "" }
      let eighths = Int((max(0, min(1, share)) * 64).rounded())
      let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
      let full = String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
      return full + String(repeating: " ", count: 9 - min(9, full.count))
    }
  }

  func print() {
    header()
    let most = explanation.tokens.map(\.norm).filter(\.isFinite).max() ?? 0
    for (position, token) in explanation.tokens.enumerated() {
      Swift.print("")
      heading(position, token, mostNorm: most)
      if token.ngrams.isEmpty { Swift.print(style.dim("  no N-gram ends here")) }
      for ngram in token.ngrams { show(ngram) }
    }
  }

  private func header() {
    let memory = explanation.memory
    var line = "\(style.bold(memory.table))  \(memory.kind.rawValue), \(memory.rows) rows of "
    line += "\(memory.dimension) \(memory.codec), \(memory.shortest)- to \(memory.longest)-grams"
    if memory.kind == .hashed { line += ", \(memory.heads) heads" }
    Swift.print(line)
    if let gates = explanation.gates {
      Swift.print(
        "gates    \(gates.form), \(gates.branches) branches, hidden states of "
          + SingleLine.text(gates.hidden))
    }
    if let counts = explanation.counts {
      Swift.print("counts   \(counts.name) of \(counts.dataset)")
    }
    if let dataset = explanation.dataset { Swift.print("passages \(dataset)") }
  }

  private func heading(_ position: Int, _ token: Explanation.Token, mostNorm: Float) {
    var line = style.bold("token \(position) \(Self.quoted(token.text))")
    line += style.dim("  id \(token.id)")
    if let compressed = token.compressed { line += style.dim(", compressed \(compressed)") }
    line +=
      "  norm \(style.bar(mostNorm > 0 ? token.norm / mostNorm : 0))\(Self.number(token.norm))"
    if let gates = token.gates {
      line += "  gate " + gates.map { "\(style.bar($0))\(Self.number($0))" }.joined(separator: " ")
    }
    Swift.print(line)
  }

  private func show(_ ngram: Explanation.Ngram) {
    let start = ngram.padding > 0 ? "[start] " : ""
    var line = "  \(ngram.order)-gram \(start)\(style.bold(Self.quoted(ngram.text)))"
    if !ngram.isFound {
      line += "  no row"
    } else {
      line += "  norm \(Self.number(ngram.norm))"
      if !ngram.isRead { line += style.dim("  (a longer one is read)") }
    }
    if let count = ngram.count { line += "  seen \(count)x" }
    Swift.print(line)
    for (head, row) in ngram.rows.enumerated() {
      let place = explanation.memory.kind == .exact ? "    row" : "    head \(head)  row"
      var line = "\(place) \(row.id)  norm \(Self.number(row.norm))"
      if let sharing = row.sharing {
        line += sharing == 0 ? "  its own" : "  shared with \(sharing)"
        let names = (row.sharers ?? []).map { "\(Self.quoted($0.text)) \($0.count)x" }
        if !names.isEmpty { line += style.dim(": " + names.joined(separator: ", ")) }
      }
      Swift.print(line)
    }
    if let nearest = ngram.nearest, !nearest.isEmpty {
      let names = nearest.map { "\(Self.quoted($0.text)) \(Self.number($0.cosine))" }
      Swift.print("    near: " + names.joined(separator: "  "))
    }
    if let passages = ngram.passages { show(passages) }
  }

  private func show(_ passages: Explanation.Passages) {
    guard passages.count > 0 else {
      Swift.print(style.dim("    in no passage: \(Self.quoted(passages.phrase))"))
      return
    }
    Swift.print("    in \(passages.count) passages: \(Self.quoted(passages.phrase))")
    for passage in passages.found {
      Swift.print(
        "      \(style.dim("\(passage.dataset) \(passage.sample)")) "
          + SingleLine.text(passage.source))
      Swift.print(
        "        \(SingleLine.text(passage.before))\(style.marked(SingleLine.text(passage.match)))"
          + SingleLine.text(passage.after))
    }
  }

  private static func number(_ number: Float) -> String { String(format: "%.3g", number) }
  private static func quoted(_ text: String) -> String { SingleLine.text(text.debugDescription) }
}
