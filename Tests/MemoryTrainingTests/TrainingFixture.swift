import Addressing
import Datasets
import Foundation
import Samples
import SeededRandom
import Storage
import TestCheckpoints
import TokenStreams
import Tokenization

@testable import MemoryTraining

/// A store with a small dataset whose next token follows from the two before it, most of the time:
/// what a pair of tokens cannot tell and a memory of 3-grams can.
final class TrainingFixture {
  let scratch: ScratchFolder
  let tokenizer: Tokenizer
  let documents: [[Int32]]
  static let vocabulary = 60

  init(documents count: Int = 400, length: Int = 60) throws {
    scratch = try ScratchFolder()
    tokenizer = try Self.tokenizer()
    var generator = SeededGenerator(seed: 5)
    documents = (0..<count).map { _ in
      var tokens: [Int32] = [
        .random(in: 0..<40, using: &generator), .random(in: 0..<40, using: &generator),
      ]
      while tokens.count < length {
        let (a, b) = (tokens[tokens.count - 2], tokens[tokens.count - 1])
        let noise = Int.random(in: 0..<10, using: &generator) == 0
        tokens.append(
          noise ? .random(in: 0..<40, using: &generator) : (a &* 7 &+ b &* 13 &+ a &* b) % 40)
      }
      return tokens
    }
    try publish(documents)
  }

  private static func tokenizer() throws -> Tokenizer {
    let letters = "abcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,-./:;<=>?@[]^_{|"
    let entries = letters.prefix(vocabulary).enumerated().map { "\"\($1)\":\($0)" }
    var json = """
      {"model":{"type":"BPE","vocab":{\(entries.joined(separator: ","))},"merges":[]},
       "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":false},
       "decoder":{"type":"ByteLevel"}}
      """
    return try json.withUTF8 { try Tokenizer(json: UnsafeRawBufferPointer($0)) }
  }

  private func publish(_ documents: [[Int32]]) throws {
    let layout = TokenLayout(width: 2)
    let store = try Store(path: scratch("store"), mode: .writing)
    let writer = try DatasetWriter("d", kind: .tokens, tokens: layout, threads: 1, in: store)
    defer { writer.close() }
    for document in documents {
      var bytes: [UInt8] = []
      layout.append(ids: document.map { UInt32($0) }, to: &bytes)
      _ = try bytes.withUnsafeBytes { try writer.append($0) }
    }
    _ = try writer.publish(
      message: "", source: .init(kind: "test", inputs: []),
      tokenizer: .init(
        sha256: tokenizer.identity.description, vocabulary: tokenizer.vocabularySize))
  }

  func stream() throws -> DatasetTokens {
    let store = try Store(path: scratch("store"), mode: .reading)
    return try DatasetTokens(
      Dataset(DatasetReference(parsing: "d"), in: store), tokenizer: tokenizer)
  }

  func addressing(base: UInt64 = 3000) throws -> Addressing {
    var overrides = Addressing.Overrides()
    overrides.base = [base]
    overrides.heads = 4
    return try Trainer.addressing(.engramPaper, overrides: overrides, tokenizer: tokenizer)
  }

  static func options() -> TrainingOptions {
    var options = TrainingOptions()
    options.dimension = 16
    options.width = 16
    options.batch = 256
    options.stretch = 32
    options.negatives = 32
    options.epochs = 4
    options.rate = 0.1
    options.heldOut = 0.1
    options.evaluations = 2
    options.evaluationTokens = 500
    return options
  }

  func trainer(
    _ options: TrainingOptions, folder: String = "run", resuming: Bool = false
  ) throws -> Trainer {
    try Trainer(
      options, stream: stream(), addressing: addressing(), folder: scratch(folder),
      resuming: resuming)
  }

  /// What a run's numbers are: its model and its rows.
  func bytes(of trainer: Trainer) throws -> [Data] {
    let path = scratch("model-\(UInt64.random(in: 0 ... .max)).safetensors")
    try trainer.model.write(to: path)
    return [
      try Data(contentsOf: URL(fileURLWithPath: path)),
      Data(UnsafeRawBufferPointer(trainer.parts.memory!.rows.bytes)),
    ]
  }
}
