import Foundation
import SeededRandom
import StaticEmbeddings
import TestCheckpoints
import Testing
import Tokenization

/// Vectors that the package tokenlearn-static-model gave (Golden/small.json and package.json,
/// written by Tools/peers/static_embeddings.py).
@Suite struct StaticEmbeddingTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      let text: String
      let vector: [Float]
    }

    let cases: [Case]

    static func read(_ name: String) throws -> Golden {
      let url = TestModel.golden.appendingPathComponent(name)
      return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }
  }

  private func compare(_ model: StaticEmbedding, _ golden: Golden) throws {
    for item in golden.cases {
      let vector = try model.embed(item.text)
      #expect(vector.count == item.vector.count)
      let worst = zip(vector, item.vector).map { abs($0 - $1) }.max() ?? 0
      #expect(worst < 2e-6, "\(item.text.prefix(40).debugDescription)")
    }
  }

  @Test func smallModelGivesThePackagesVectors() throws {
    try compare(StaticEmbedding(folder: TestModel.small), Golden.read("small.json"))
  }

  @Test func packagesOwnModelGivesThePackagesVectors() throws {
    let model = try StaticEmbedding(folder: TestModel.package())
    #expect(model.dimensions == 64)
    try compare(model, Golden.read("package.json"))
  }

  @Test func tablesOfFloatsWithoutMappingAreMeansOfRows() throws {
    let tokens = try TestModel.tokenCount()
    let dimensions = 5
    var generator = SeededGenerator(seed: 31)
    let numbers = (0..<tokens * dimensions).map { _ in Float.random(in: -2...2, using: &generator) }
    let weights = (0..<tokens).map { _ in Double.random(in: 0...1, using: &generator) }
    let scratch = try ScratchFolder()
    let half = numbers.map { Float16($0) }
    try TestModel.write(
      [("embeddings", .f32, [tokens, dimensions], TestModel.bytes(numbers))],
      to: scratch("plain"))
    try TestModel.write(
      [
        ("embeddings", .f16, [tokens, dimensions], TestModel.bytes(half)),
        ("weights", .f64, [tokens], TestModel.bytes(weights)),
      ], config: "{\"normalize\": true, \"other\": [1]}", to: scratch("weighted"))
    let plain = try StaticEmbedding(folder: scratch("plain"))
    let weighted = try StaticEmbedding(folder: scratch("weighted"))
    let tokenizer = try SubwordTokenizer(path: TestModel.small + "/tokenizer.json")
    for item in try Golden.read("small.json").cases {
      let ids = try tokenizer.encode(item.text).prefix(StaticEmbedding.tokenLimit)
      var mean = [Double](repeating: 0, count: dimensions)
      var heavy = mean
      for id in ids {
        for index in 0..<dimensions {
          let place = Int(id) * dimensions + index
          mean[index] += Double(numbers[place]) / Double(ids.count)
          heavy[index] += Double(half[place]) * weights[Int(id)]
        }
      }
      let length = heavy.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for (ours, theirs) in zip(try plain.embed(item.text), mean) {
        #expect(abs(Double(ours) - theirs) < 1e-5)
      }
      for (ours, theirs) in zip(try weighted.embed(item.text), heavy) {
        #expect(abs(Double(ours) - (length > 0 ? theirs / length : 0)) < 1e-5)
      }
    }
    #expect(plain.identity != weighted.identity)
    #expect(try StaticEmbedding(folder: scratch("plain")).identity == plain.identity)
  }

  @Test func textsWithoutTokensHaveVectorsOfZeros() throws {
    let model = try StaticEmbedding(folder: TestModel.small)
    #expect(try model.embed("") == [Float](repeating: 0, count: model.dimensions))
    #expect(try model.embed(" \n") == [Float](repeating: 0, count: model.dimensions))
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    let model = try StaticEmbedding(folder: TestModel.small)
    let bytes: [UInt8] = [0x61, 0xFF]
    #expect(throws: StaticEmbeddingError.self) {
      try bytes.withUnsafeBufferPointer { try model.embed(utf8: $0) }
    }
  }
}
