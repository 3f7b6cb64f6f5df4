import Foundation
import Testing

@testable import Addressing

@Suite struct ConfigTests {
  private static let deepseek = """
    {"engram_layer_ids": [1, 14], "engram_max_ngram_size": 4, "engram_n_heads": 8,
     "engram_head_dim": 256, "engram_vocab_size": 16000000, "engram_pad_token_id": 2,
     "engram_compressed_vocab_size": 99092, "engram_num_embeddings": [384006168, 384016682]}
    """
  private static let qwen = """
    {"ple_layer_ids": [2], "ngram_size": 3, "ngram_vocab_size_base": 20000000}
    """

  private func layers(_ text: String) throws -> [Addressing] {
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try Addressing.layers(fromConfig: #require(object as? [String: Any]))
  }

  @Test func publishedDeepSeekConfigGivesThePreset() throws {
    #expect(try layers(Self.deepseek) == Addressing.layers(of: .deepseekV41))
    #expect(
      try layers("{\"text_config\": \(Self.deepseek)}") == Addressing.layers(of: .deepseekV41))
  }

  @Test func publishedQwenConfigGivesThePresetAtItsLayer() throws {
    var overrides = Addressing.Overrides()
    overrides.layers = [1]
    let expected = try Addressing.layers(of: .qwenPLE, overrides: overrides)
    #expect(try layers(Self.qwen) == expected)
    #expect(try layers("{\"text_config\": \(Self.qwen)}") == expected)
  }

  @Test func smallerConfigChangesSizesAndMultipliers() throws {
    let small = try layers(
      """
      {"engram_layer_ids": [0, 3], "engram_max_ngram_size": 3, "engram_n_heads": 4,
       "engram_vocab_size": [100, 50], "engram_compressed_vocab_size": 1000}
      """)
    #expect(small[0].bucketSizes == [[101, 103, 107, 109], [53, 59, 61, 67]])
    #expect(small[1].bucketSizes == [[113, 127, 131, 137], [71, 73, 79, 83]])
    #expect(
      small[0].tokens
        == .mapped(vocabularySize: nil, compressedVocabularySize: 1000, tokenMap: nil))
    #expect(small[0].multipliers.allSatisfy { $0 % 2 == 1 && $0 < 1 << 54 })
  }

  @Test(arguments: [
    ("{}", "neither"),
    ("{\"engram_layer_ids\": 1}", "engram_layer_ids"),
    ("{\"engram_layer_ids\": []}", "layers"),
    ("{\"engram_layer_ids\": [1, 1]}", "layers"),
    ("{\"engram_layer_ids\": [true]}", "engram_layer_ids"),
    ("{\"engram_layer_ids\": [-1]}", "layers"),
    ("{\"engram_layer_ids\": [1.5]}", "engram_layer_ids"),
    ("{\"engram_layer_ids\": [9223372036854775807]}", "layers"),
    ("{\"engram_layer_ids\": [1], \"engram_max_ngram_size\": 1}", "max order"),
    ("{\"engram_layer_ids\": [1], \"engram_max_ngram_size\": 9}", "max order"),
    ("{\"engram_layer_ids\": [1], \"engram_n_heads\": 0}", "heads"),
    ("{\"engram_layer_ids\": [1], \"engram_n_heads\": 65}", "heads"),
    ("{\"engram_layer_ids\": [1], \"engram_vocab_size\": 0}", "engram_vocab_size"),
    ("{\"engram_layer_ids\": [1], \"engram_vocab_size\": 1e300}", "engram_vocab_size"),
    ("{\"engram_layer_ids\": [1], \"engram_vocab_size\": [9, 9]}", "base"),
    ("{\"engram_layer_ids\": [1], \"engram_vocab_size\": 9223372036854775807}", "base"),
    ("{\"engram_layer_ids\": [1], \"engram_compressed_vocab_size\": 0}", "compressed"),
    ("{\"engram_layer_ids\": [1], \"engram_pad_token_id\": -2}", "engram_pad_token_id"),
    ("{\"engram_layer_ids\": [1], \"engram_pad_token_id\": 129280}", "boundary token"),
    ("{\"engram_layer_ids\": [1], \"engram_head_dim\": 0}", "engram_head_dim"),
    ("{\"engram_layer_ids\": [1], \"engram_num_embeddings\": [5]}", "engram_num_embeddings"),
    ("{\"engram_layer_ids\": [1], \"engram_num_embeddings\": []}", "engram_num_embeddings"),
    ("{\"ple_layer_ids\": [0]}", "ple_layer_ids"),
    ("{\"ple_layer_ids\": \"2\"}", "ple_layer_ids"),
    ("{\"ple_layer_ids\": [2], \"ngram_size\": 4}", "multipliers"),
    ("{\"ple_layer_ids\": [2], \"ngram_vocab_size_base\": \"big\"}", "ngram_vocab_size_base"),
  ])
  func badValueIsRefusedByName(config: String, name: String) {
    let error = #expect(throws: AddressingError.self) { try layers(config) }
    #expect(error?.description.contains(name) == true, "\(error?.description ?? "")")
  }
}
