import Foundation
import Testing

@testable import Addressing

/// The JSON form of manifests: what is written is read back, and what is damaged is refused.
@Suite struct ManifestFormTests {
  private func encoded(_ layer: Addressing) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(layer), as: UTF8.self)
  }

  private func decoded(_ text: String) throws -> Addressing {
    try JSONDecoder().decode(Addressing.self, from: Data(text.utf8))
  }

  @Test(arguments: Addressing.Preset.allCases)
  func writtenIsReadBack(preset: Addressing.Preset) throws {
    for layer in try Addressing.layers(of: preset) {
      #expect(try decoded(encoded(layer)) == layer)
    }
    var overrides = Addressing.Overrides()
    overrides.base = [97]
    overrides.heads = 2
    overrides.vocabularySize = 300_000
    for layer in try Addressing.layers(of: preset, overrides: overrides) {
      #expect(try decoded(encoded(layer)) == layer)
    }
  }

  @Test func formIsTheDocumentedOne() throws {
    var overrides = Addressing.Overrides()
    overrides.base = [100]
    overrides.heads = 2
    overrides.maxOrder = 2
    let layer = try Addressing.layers(of: .qwenPLE, overrides: overrides)[0]
    #expect(
      try encoded(layer)
        == #"{"boundary":{"rule":"endOfSequence","token":248044},"bucketSizes":[[101,103]],"#
        + #""layer":0,"multipliers":["23703573157769","20109073645365"],"preset":"qwen-ple","#
        + #""rowAlignment":128,"tokens":{"rule":"raw"}}"#)
    #expect(layer.rows == 204)
    #expect(layer.rowCount == 256)
    #expect(layer.offsets == [0, 101])
  }

  private static let good =
    #"{"boundary":{"rule":"segmentStart","token":2},"bucketSizes":[[101,103],[107,109]],"#
    + #""layer":1,"multipliers":["11","13","17"],"preset":"own","rowAlignment":1,"#
    + #""tokens":{"compressedVocabularySize":50,"rule":"mapped","vocabularySize":70}}"#

  @Test func goodFormOfOurOwnIsRead() throws {
    let layer = try decoded(Self.good)
    #expect(layer.columns == 4)
    #expect(layer.rows == 420)
  }

  @Test(arguments: [
    ("[[101,103],[107,109]]", "[]"),
    ("[[101,103],[107,109]]", "[[],[]]"),
    ("[[101,103],[107,109]]", "[[101,103],[107]]"),
    ("[[101,103],[107,109]]", "[[101,103],[107,0]]"),
    ("[[101,103],[107,109]]", "[[101,103],[107,-5]]"),
    ("[[101,103],[107,109]]", "[[18446744073709551615,18446744073709551615],[1,1]]"),
    ("[[101,103],[107,109]]", "[[2305843009213693951,2305843009213693951],[1,1]]"),
    ("[[101,103],[107,109]]", "[[1],[1],[1],[1],[1],[1],[1],[1]]"),
    ("[[101,103],[107,109]]", "[[101,103]]"),
    (#"["11","13","17"]"#, #"["11","13","17","19"]"#),
    (#"["11","13","17"]"#, #"["11","13","0"]"#),
    (#"["11","13","17"]"#, #"["11","13","-17"]"#),
    (#"["11","13","17"]"#, #"["11","13","+17"]"#),
    (#"["11","13","17"]"#, #"["11","13","9223372036854775808"]"#),
    (#"["11","13","17"]"#, #"["11","13","188232082384791344"]"#),
    (#"["11","13","17"]"#, "[11,13,17]"),
    (#""layer":1"#, #""layer":-1"#),
    (#""layer":1"#, #""layer":9223372036854775807"#),
    (#""rowAlignment":1"#, #""rowAlignment":0"#),
    (#""rowAlignment":1"#, #""rowAlignment":9223372036854775807"#),
    (#""preset":"own""#, #""preset":"""#),
    (#""token":2"#, #""token":-1"#),
    (#""token":2"#, #""token":70"#),
    (#""token":2"#, #""token":2147483648"#),
    ("segmentStart", "segmentEnd"),
    (#""rule":"mapped""#, #""rule":"squeezed""#),
    (#""compressedVocabularySize":50"#, #""compressedVocabularySize":0"#),
    (#""compressedVocabularySize":50"#, #""compressedVocabularySize":71"#),
    (#""vocabularySize":70"#, #""vocabularySize":9223372036854775807"#),
    (#""vocabularySize":70"#, #""tokenMap":"c60a""#),
  ])
  func damagedFormIsRefused(part: String, damage: String) {
    let text = Self.good.replacingOccurrences(of: part, with: damage)
    #expect(text != Self.good)
    #expect(throws: (any Error).self, "\(text)") { try decoded(text) }
  }

  @Test func overridesOutOfBoundsAreRefused() {
    func refused(
      _ preset: Addressing.Preset = .deepseekV41, _ change: (inout Addressing.Overrides) -> Void
    ) {
      var overrides = Addressing.Overrides()
      change(&overrides)
      #expect(throws: AddressingError.self) {
        try Addressing.layers(of: preset, overrides: overrides)
      }
    }
    refused { $0.base = [] }
    refused { $0.base = [0] }
    refused { $0.base = [(1 << 40) + 1] }
    refused { $0.layers = [-1] }
    refused { $0.layers = Array(0..<257) }
    refused { $0.seed = .max }
    refused { $0.compressedVocabularySize = -4 }
    refused { $0.compressedVocabularySize = .max }
    refused { $0.padTokenID = 129_280 }
    refused { $0.multipliers = [1, 2] }
    refused(.qwenPLE) { $0.seed = 1 }
    refused(.qwenPLE) { $0.compressedVocabularySize = 5 }
    refused(.qwenPLE) { $0.maxOrder = 4 }
    refused(.qwenPLE) { $0.padTokenID = .max }
    refused(.qwenPLE) { $0.vocabularySize = 389_115 }
    refused(.qwenPLE) { $0.vocabularySize = 0 }
  }
}
