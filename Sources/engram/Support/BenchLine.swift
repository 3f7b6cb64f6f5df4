import Foundation

/// One measured figure, as `engram bench` prints it.
struct BenchLine: Codable {
  /// The benchmark: memory, address, tokenize, fuse, dataset, import, count, train,
  /// query, serve, context.
  var bench: String
  /// What was measured, in a few words.
  var what: String
  /// The median.
  var value: Double
  /// Its unit: "ns/row", "tokens/s".
  var unit: String
  /// What it is compared with, measured in the same run.
  var against: String?
  /// `value` divided by that of `against`, in the same unit: for a rate more is better, for a
  /// time less.
  var ratio: Double?
}

/// Prints bench lines as a table for people or as JSON lines.
struct BenchReport {
  let format: OutputFormat

  func print(_ line: BenchLine) {
    switch format {
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      if let data = try? encoder.encode(line) {
        Swift.print(String(decoding: data, as: UTF8.self))
      }
    case .text:
      let value = Self.grouped(line.value)
      var text = Self.pad(line.what, 52) + Self.padLeft(value, 14) + " " + Self.pad(line.unit, 12)
      if let against = line.against, let ratio = line.ratio {
        text += " " + String(format: "%.2f", ratio) + "x " + against
      }
      Swift.print(text)
    }
    fflush(nil)
  }

  private static func grouped(_ value: Double) -> String {
    value >= 1000 ? String(Int(value.rounded())) : String(format: "%.2f", value)
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func padLeft(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
