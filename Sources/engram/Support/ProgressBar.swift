import Foundation
import Synchronization

/// A line on a person's terminal that says how far long work has come, how fast it goes and how
/// long it will take. Draws nothing where standard error is no terminal.
final class ProgressBar: Sendable {
  private struct State {
    let start = DispatchTime.now()
    var isDrawn = false
    var drawn = 0.0
    /// The share that was done at the first look: resumed work does not start at 0.
    var firstShare: Double?
  }

  private let title: String
  private let isEnabled: Bool
  private let rate: @Sendable (Double) -> String
  private let state = Mutex(State())

  /// - Parameter rate: the text of so much a second.
  init(
    _ title: String, isEnabled: Bool = StandardStreams.isInteractive,
    rate: @escaping @Sendable (Double) -> String = { "\(ByteCount.text($0))/s" }
  ) {
    self.title = title
    self.isEnabled = isEnabled
    self.rate = rate
  }

  /// Shows bytes done of a total; throws where the user asked to stop. Draws ten times a second at
  /// the most.
  ///
  /// - Parameter total: 0 where it is not known.
  /// - Parameter detail: what else a person wants to know, e.g. "12,000 documents".
  func update(_ done: Int, _ total: Int, detail: @autoclosure () -> String = "") throws {
    try Interruption.check()
    guard isEnabled, total > 0 || done > 0 else { return }
    state.withLock { state in
      let seconds = Self.seconds(since: state.start)
      guard !state.isDrawn || seconds - state.drawn >= 0.1 || done == total else { return }
      state.drawn = seconds
      var text = "\r\(title)"
      let share = total > 0 ? min(1, Double(done) / Double(total)) : 0
      if total > 0 {
        let filled = Int(share * 24)
        let bar =
          String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
        text += " [\(bar)] \(Int(share * 100))%"
      }
      let detail = detail()
      if !detail.isEmpty { text += "  \(detail)" }
      if seconds > 0.5, done > 0 {
        text += "  \(rate(Double(done) / seconds))"
        let left = seconds * (1 - share) / max(share, 1e-9)
        if total > 0 { text += "  \(Self.clock(left)) left" }
      }
      FileHandle.standardError.write(Data((text + "\u{1B}[K").utf8))
      state.isDrawn = true
    }
  }

  /// Shows which share of the work is done, for work whose speed is not in bytes. Does not throw:
  /// whoever calls it looks at `Interruption` himself. Draws ten times a second at the most.
  func show(share: Double, detail: @autoclosure () -> String) {
    guard isEnabled else { return }
    state.withLock { state in
      let seconds = Self.seconds(since: state.start)
      let first = state.firstShare ?? share
      state.firstShare = first
      guard !state.isDrawn || seconds - state.drawn >= 0.1 else { return }
      state.drawn = seconds
      let share = min(1, max(0, share))
      let filled = Int(share * 24)
      var text = "\r\(title) [" + String(repeating: "#", count: filled)
      text += String(repeating: ".", count: 24 - filled) + "] \(Int(share * 100))%  \(detail())"
      if share > first {
        text += "  \(Self.clock(seconds * (1 - share) / (share - first))) left"
      }
      FileHandle.standardError.write(Data((text + "\u{1B}[K").utf8))
      state.isDrawn = true
    }
  }

  /// Removes the line.
  func clear() {
    state.withLock { state in
      guard state.isDrawn else { return }
      FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
      state.isDrawn = false
    }
  }

  static func seconds(since start: DispatchTime) -> Double {
    Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
  }

  private static func clock(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 359_999))
    let text = String(format: "%d:%02d", whole / 60 % 60, whole % 60)
    return whole >= 3600 ? "\(whole / 3600):" + (whole / 60 % 60 < 10 ? "0" : "") + text : text
  }
}

/// Sizes in bytes, as people read and write them.
enum ByteCount {
  /// "4.2 GB": three digits at most, powers of 1000.
  static func text(_ bytes: Double) -> String {
    var value = bytes
    for unit in ["B", "KB", "MB", "GB", "TB"] {
      if value < 999.5 || unit == "TB" {
        return String(format: value < 9.95 && unit != "B" ? "%.1f %@" : "%.0f %@", value, unit)
      }
      value /= 1000
    }
    return "\(Int(bytes)) B"
  }

  static func text(_ bytes: Int) -> String { text(Double(bytes)) }

  /// Reads "4G", "512M", "1000": K, M, G, T are powers of 1024.
  static func parse(_ text: String) -> Int? {
    let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
    guard let last = text.uppercased().last else { return nil }
    let unit = units[last] ?? 1
    let digits = units[last] == nil ? text[...] : text.dropLast()
    guard let value = Double(digits), value > 0, value * Double(unit) < 1e15 else { return nil }
    return Int(value * Double(unit))
  }
}
