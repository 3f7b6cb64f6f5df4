import ArgumentParser
import Files
import Foundation
import Tokenization

/// `engram bench tokenize`: how fast texts become tokens.
struct BenchTokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Measure tokenizing in MB of text a second.",
    discussion: """
      Each file is cut at line ends into documents of about 16 KB, which are tokenized again and \
      again, on one thread and on all. Tools/fetch-text fetches English, Chinese and code.

        engram bench tokenize --tokenizer tokenizer.json --input english.txt --input code.txt
      """)

  @Option(help: "The model's tokenizer.json (byte-level BPE).")
  var tokenizer: String

  @Option(help: "A text file; repeat for several.")
  var input: [String]

  @Option(help: "Seconds for each figure.")
  var seconds = 2.0

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard seconds > 0, seconds <= 600 else { throw ValidationError("--seconds must be 0 to 600") }
    guard !input.isEmpty else { throw ValidationError("--input is missing") }
  }

  func run() throws {
    let report = BenchReport(format: output.format)
    let clock = ContinuousClock()
    let start = clock.now
    let tokenizer = try Tokenizer(path: tokenizer)
    report.print(
      BenchLine(
        bench: "tokenize", what: "load the tokenizer",
        value: Self.seconds(clock.now - start) * 1000, unit: "ms"))
    let threads = ProcessInfo.processInfo.activeProcessorCount
    for path in input {
      let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
      let texts = Self.documents(try DurableFile.read(path))
      let bytes = texts.reduce(0) { $0 + $1.utf8.count }
      guard bytes > 0 else { throw CommandError("\(path) is empty", hint: "give a text file") }
      for count in threads > 1 ? [1, threads] : [1] {
        var tokens = 0
        let rate = try Self.medianRate(seconds: seconds, bytes: bytes) {
          tokens = try tokenizer.encode(texts, threads: count).reduce(0) { $0 + $1.count }
        }
        report.print(
          BenchLine(
            bench: "tokenize", what: "\(name), \(count) thread\(count == 1 ? "" : "s")",
            value: rate, unit: "MB/s"))
        if count == 1 {
          report.print(
            BenchLine(
              bench: "tokenize", what: "\(name), bytes a token",
              value: Double(bytes) / Double(max(1, tokens)), unit: "bytes/token"))
        }
      }
    }
  }

  /// Text in documents of about 16 KB, cut at line ends.
  private static func documents(_ text: [UInt8]) -> [String] {
    var documents: [String] = []
    var start = 0
    while start < text.count {
      var end = min(start + 16 << 10, text.count)
      while end < text.count, text[end - 1] != UInt8(ascii: "\n") { end += 1 }
      documents.append(String(decoding: text[start..<end], as: UTF8.self))
      start = end
    }
    return documents
  }

  /// The median over rounds of `body`, which works through `bytes`, in MB (10^6 bytes) a second.
  private static func medianRate(
    seconds: Double, bytes: Int, _ body: () throws -> Void
  ) throws -> Double {
    let clock = ContinuousClock()
    var rates: [Double] = []
    let start = clock.now
    try body()
    repeat {
      let duration = try clock.measure(body)
      rates.append(Double(bytes) / 1e6 / Self.seconds(duration))
    } while Self.seconds(clock.now - start) < seconds || rates.count < 3
    return rates.sorted()[rates.count / 2]
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}
