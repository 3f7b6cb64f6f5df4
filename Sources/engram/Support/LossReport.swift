import Foundation
import MemoryTraining
import TokenStreams

/// Held-out losses, for people and for programs.
struct LossReport {
  /// One loss, as JSON has it.
  struct Line: Encodable {
    var tokens: Int
    var bytes: Int
    var natsPerToken: Double
    var bitsPerByte: Double

    init(_ loss: HeldOutLoss) {
      (tokens, bytes) = (loss.tokens, loss.bytes)
      (natsPerToken, bitsPerByte) = (loss.natsPerToken, loss.bitsPerByte)
    }
  }

  let losses: [MemoryMode: HeldOutLoss]
  /// The loss with the rows as they were published, and in which codec.
  var encoded: (codec: String, loss: HeldOutLoss)?
  /// Whether there is a memory that can be off.
  var hasMemory = true

  /// By mode.
  var lines: [String: Line] {
    Dictionary(uniqueKeysWithValues: losses.map { ($0.rawValue, Line($1)) })
  }

  func printText() {
    var rows = [["held out", "nats/token", "bits/byte", ""]]
    func add(_ name: String, _ loss: HeldOutLoss, _ note: String = "") {
      rows.append([
        name, String(format: "%.4f", loss.natsPerToken), String(format: "%.4f", loss.bitsPerByte),
        note,
      ])
    }
    if let on = losses[.on] {
      add(hasMemory ? "memory on" : "host alone", on, below(on, losses[.off], "off"))
      if let encoded {
        add("as \(encoded.codec)", encoded.loss, below(encoded.loss, losses[.off], "off"))
      }
    }
    if hasMemory, let off = losses[.off] { add("memory off", off) }
    if let shuffled = losses[.shuffled] {
      add("rows shuffled", shuffled, below(shuffled, losses[.off], "off"))
    }
    TextTable.print(rows)
    if let tokens = losses.values.map(\.tokens).max() {
      print("over \(tokens) held-out tokens, by the softmax over the whole vocabulary")
    }
  }

  /// How far a loss is from another one.
  private func below(_ loss: HeldOutLoss, _ other: HeldOutLoss?, _ name: String) -> String {
    guard hasMemory, let other, other.natsPerToken > 0 else { return "" }
    let percent = (1 - loss.natsPerToken / other.natsPerToken) * 100
    return String(format: "%.1f %% %@ \(name)", abs(percent), percent >= 0 ? "below" : "above")
  }
}
