import Files
import Foundation
import SeededRandom
import StaticEmbeddings
import TestCheckpoints
import Testing

@Suite struct ModelRefusalTests {
  private func message(_ tensors: [TestModel.Tensor], config: String = "{}") throws -> String {
    let scratch = try ScratchFolder()
    try TestModel.write(tensors, config: config, to: scratch("model"))
    do {
      _ = try StaticEmbedding(folder: scratch("model"))
      return "no error"
    } catch {
      #expect(!error.description.contains("\n"))
      return error.description
    }
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let count = try TestModel.tokenCount()
    func table(_ rows: Int, _ value: Float = 1) -> TestModel.Tensor {
      ("embeddings", .f32, [rows, 2], TestModel.bytes([Float](repeating: value, count: 2 * rows)))
    }
    func mapping(_ row: Int64, _ count: Int) -> TestModel.Tensor {
      ("mapping", .i64, [count], TestModel.bytes([Int64](repeating: row, count: count)))
    }
    #expect(try message([table(count)]) == "no error")
    #expect(try message([table(3), mapping(2, count)]) == "no error")
    #expect(try message([table(3)]).contains("3 rows, and no mapping, for \(count) tokens"))
    #expect(try message([table(3), mapping(3, count)]).contains("token 0 is sent to row 3 of 3"))
    #expect(try message([table(3), mapping(-1, count)]).contains("row -1"))
    #expect(try message([table(3), mapping(0, count - 1)]).contains("mapping has shape"))
    #expect(try message([table(count, .nan)]).contains("row 0 has a number that is not finite"))
    #expect(
      try message([("embeddings", .f32, [count], [UInt8](repeating: 0, count: 4 * count))])
        .contains("not [rows, numbers]"))
    #expect(try message([("embeddings", .f32, [0, 2], [])]).contains("0 x 2"))
    let weights = TestModel.bytes([Float](repeating: .infinity, count: count))
    #expect(
      try message([table(count), ("weights", .f32, [count], weights)]).contains("not finite"))
    #expect(
      try message([table(count), ("weights", .f32, [1], Array(weights.prefix(4)))])
        .contains("weights have shape [1]"))
    #expect(
      try message([("embeddings", .u8, [count, 1], [UInt8](repeating: 0, count: count))])
        .contains("U8"))
    #expect(try message([table(count)], config: "{").contains("not JSON"))
    #expect(try message([table(count)], config: "[]").contains("no JSON object"))
    #expect(try message([table(count)], config: "{\"normalize\":1}").contains("neither true"))
    #expect(try message([]).contains("there is no tensor \"embeddings\""))
  }

  @Test func missingFilesAreNamed() throws {
    let scratch = try ScratchFolder()
    #expect(throws: StaticEmbeddingError.self) { try StaticEmbedding(folder: scratch("none")) }
  }

  @Test func changedBytesNeverCrash() throws {
    let scratch = try ScratchFolder()
    let folder = scratch("model")
    try DurableFile.createFolder(folder)
    let names = ["tokenizer.json", "model.safetensors", "config.json"]
    let files = try names.map { try DurableFile.read(TestModel.small + "/" + $0) }
    var generator = SeededGenerator(seed: 32)
    for round in 0..<240 {
      for (index, name) in names.enumerated() {
        var bytes = files[index]
        if round % 3 == index {
          for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[place] = UInt8.random(in: 0...255, using: &generator)
          }
          if round % 7 == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
      }
      do {
        let model = try StaticEmbedding(folder: folder)
        let vector = try model.embed("the quick brown fox … 中文 ①½ e\u{301}\r\n")
        #expect(vector.count == model.dimensions)
      } catch {
        #expect(!error.description.contains("\n"))
      }
    }
  }
}
