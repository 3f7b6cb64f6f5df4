import Files
import Foundation
import SeededRandom
import Storage
import TestCheckpoints
import Testing

/// A store with a dataset of small documents that repeat phrases, `text`, and a tokenizer of bytes.
struct TrainFixture {
  /// One for all tests; each trains tables of names of its own.
  static let shared: Result<TrainFixture, any Error> = Result {
    let fixture = try TrainFixture()
    atexit { try? DurableFile.remove(TrainFixture.shared.get().scratch.path) }
    return fixture
  }

  let scratch: ScratchFolder
  var store: String { scratch("store") }
  var tokenizer: String { scratch("tokenizer.json") }

  init() throws {
    scratch = try ScratchFolder()
    try DurableFile.write(Self.byteTokenizer(), to: tokenizer)
    var random = SeededGenerator(seed: 5)
    var words: [String] = []
    for _ in 0..<40 {
      words.append(
        String((0..<7).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement(using: &random)! }))
    }
    var lines = ""
    for _ in 0..<200 {
      var text = ""
      while text.count < 200 { text += words[Int.random(in: 0..<40, using: &random)] + " " }
      lines += "{\"text\":\"\(text)\"}\n"
    }
    try DurableFile.write(lines, to: scratch("text.jsonl"))
    try expectSuccess(["ingest", scratch("text.jsonl"), "--dataset", "text", "--store", store])
  }

  /// Byte-level BPE with a token a byte and no merges; ids from `first` on.
  static func byteTokenizer(adding extra: [String] = []) -> String {
    var vocabulary: [String] = []
    var next: UInt32 = 256
    for byte in UInt32(0)..<256 {
      let isShown = (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
      let scalar = Unicode.Scalar(isShown ? byte : next)!
      if !isShown { next += 1 }
      let text = scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : "\(scalar)"
      vocabulary.append("\"\(text)\":\(byte)")
    }
    for (index, token) in extra.enumerated() { vocabulary.append("\"\(token)\":\(256 + index)") }
    return """
      {"version": "1.0", "added_tokens": [], "normalizer": null,
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
       "decoder": {"type": "ByteLevel"},
       "model": {"type": "BPE", "vocab": {\(vocabulary.joined(separator: ","))}, "merges": []}}
      """
  }

  /// What makes a run small.
  static let small = [
    "--dim", "32", "--width", "16", "--batch", "256", "--stretch", "64",
    "--negatives", "32", "--heads", "4", "--held-out", "0.1", "--evaluation-tokens", "500",
    "--evaluations", "2", "--rate", "0.1",
  ]

  func arguments(
    _ options: [String], dataset: String = "text", base: Int = 1000
  ) -> [String] {
    ["memory", "train", dataset, "--tokenizer", tokenizer, "--store", store, "--base", "\(base)"]
      + Self.small + options
  }

  /// A run that must succeed; its JSON lines.
  func train(
    _ options: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [[String: Any]] {
    try expectSuccess(
      arguments(options + ["--format", "json"]), sourceLocation: sourceLocation
    ).objects()
  }

  func evaluate(
    _ options: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [String: Double] {
    let line = try #require(
      try expectSuccess(
        [
          "memory", "evaluate", "text", "--tokenizer", tokenizer, "--store", store, "--format",
          "json",
        ] + options, sourceLocation: sourceLocation
      ).objects().first)
    return Self.losses(line)
  }

  /// Nats a token, by mode.
  static func losses(_ line: [String: Any]) -> [String: Double] {
    let losses = line["losses"] as? [String: [String: Any]] ?? [:]
    return losses.compactMapValues { $0["natsPerToken"] as? Double }
  }

  /// "name@version" of all tables of a name.
  func versions(of name: String) throws -> [Int] {
    try expectSuccess(["memory", "list", "--format", "json", "--store", store]).objects()
      .filter { $0["name"] as? String == name }.compactMap { $0["version"] as? Int }
  }

  /// The folder of a run.
  func work(_ name: String) -> String { store + "/training/" + name }

  /// Starts a run that takes minutes and waits for its first checkpoint.
  func startLongRun(_ name: String) throws -> EngramProcess {
    let process = try EngramProcess(
      arguments(["--as", name, "--epochs", "10000", "--checkpoint-every", "0.1"]))
    while process.isRunning {
      let names = (try? DurableFile.names(in: work(name))) ?? []
      if names.contains(where: { $0.hasPrefix("checkpoint-") && !$0.hasSuffix(".partial") }) {
        break
      }
      usleep(10_000)
    }
    return process
  }
}
