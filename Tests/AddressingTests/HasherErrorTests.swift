import Testing

@testable import Addressing

@Suite struct HasherErrorTests {
  private let deepseek: NgramHasher
  private let qwen: NgramHasher

  init() throws {
    deepseek = try NgramHasher(
      Addressing.layers(of: .deepseekV41), tokenMap: GoldenData.deepseekMap())
    qwen = try NgramHasher(Addressing.layers(of: .qwenPLE))
  }

  @Test(arguments: [0, 1, 1023, 1024, 2500])
  func tokenOutOfRangeIsNamedAndNothingIsWritten(index: Int) throws {
    for (hasher, limit) in [(deepseek, 129_280), (qwen, 389_114)] {
      #expect(hasher.tokenLimit == limit)
      for bad in [Int32(limit), -1, .min, .max] {
        var tokens = [Int32](repeating: Int32(limit - 1), count: 2501)
        tokens[index] = bad
        var rows = [Int64](repeating: -7, count: tokens.count * hasher.columns)
        var history = hasher.start()
        _ = try hasher.rows(for: [5, 6, 7], history: &history)
        let before = history
        #expect(throws: AddressingError.tokenOutOfRange(index: index, token: bad, limit: limit)) {
          try tokens.withUnsafeBufferPointer { tokens in
            try rows.withUnsafeMutableBufferPointer { rows in
              try hasher.unsafeRows(for: tokens, history: &history, into: rows)
            }
          }
        }
        #expect(firstDifference(rows, [Int64](repeating: -7, count: rows.count)) == nil)
        #expect(history == before)
      }
    }
  }

  @Test func lengthsThatDifferAreRefused() throws {
    #expect(throws: AddressingError.countMismatch(what: "masked", expected: 2, found: 1)) {
      try deepseek.rows(for: [1, 2], masked: [false])
    }
    #expect(throws: AddressingError.countMismatch(what: "segments", expected: 2, found: 3)) {
      try deepseek.rows(for: [1, 2], segments: [0, 0, 0])
    }
    #expect(throws: AddressingError.countMismatch(what: "segments", expected: 0, found: 1)) {
      try deepseek.history(after: [], segments: [0])
    }
    var history = deepseek.start()
    var rows = [Int64](repeating: 0, count: 47)
    #expect(throws: AddressingError.self) {
      try rows.withUnsafeMutableBufferPointer { rows in
        try [1].withUnsafeBufferPointer { tokens in
          try deepseek.unsafeRows(for: tokens, history: &history, into: rows)
        }
      }
    }
  }

  @Test func masksWithoutARuleAreRefused() throws {
    #expect(throws: AddressingError.self) { try qwen.rows(for: [1], masked: [false]) }
    #expect(throws: AddressingError.self) { try qwen.rows(for: [1], segments: [0]) }
  }

  @Test func missingOrForeignMapIsRefused() throws {
    let published = try Addressing.layers(of: .deepseekV41)
    #expect(throws: AddressingError.tokenMapRequired(preset: "deepseek-v4.1")) {
      try NgramHasher(published)
    }
    var overrides = Addressing.Overrides()
    overrides.compressedVocabularySize = 99_093
    let other = try Addressing.layers(of: .deepseekV41, overrides: overrides)
    let error = #expect(throws: AddressingError.self) {
      try NgramHasher(other, tokenMap: GoldenData.deepseekMap())
    }
    #expect(error?.description.contains("99092") == true)
    #expect(error?.description.contains("99093") == true)
    #expect(throws: AddressingError.self) { try other[0].bound(to: GoldenData.deepseekMap()) }
  }

  @Test func foreignMapOfTheSameSizeIsRefusedByItsDigest() throws {
    let map = try GoldenData.deepseekMap()
    let layer = try Addressing.layers(of: .deepseekV41)[0]
    let foreign = try Addressing(
      preset: layer.preset, layer: 1, bucketSizes: layer.bucketSizes,
      multipliers: layer.multipliers,
      tokens: .mapped(
        vocabularySize: nil, compressedVocabularySize: 99_092,
        tokenMap: .init(of: "another map")),
      boundary: layer.boundary)
    #expect(throws: AddressingError.self) { try NgramHasher(foreign, tokenMap: map) }
  }

  @Test func layersThatDisagreeAreRefused() throws {
    let deepseek = try Addressing.layers(of: .deepseekV41)[0]
    let paper = try Addressing.layers(of: .engramPaper)[0]
    let qwen = try Addressing.layers(of: .qwenPLE)[0]
    for layers in [[deepseek, paper], [deepseek, qwen], []] {
      #expect(throws: AddressingError.self) {
        try NgramHasher(layers, tokenMap: GoldenData.deepseekMap())
      }
    }
  }

  @Test func bindingWritesTheMapIntoTheRule() throws {
    var overrides = Addressing.Overrides()
    overrides.vocabularySize = 129_281
    let layer = try Addressing.layers(of: .deepseekV41, overrides: overrides)[0]
    let map = try GoldenData.deepseekMap()
    #expect(throws: AddressingError.self) { try layer.bound(to: map) }
    let free = try Addressing(
      preset: layer.preset, layer: 1, bucketSizes: layer.bucketSizes,
      multipliers: layer.multipliers,
      tokens: .mapped(vocabularySize: nil, compressedVocabularySize: 99_092, tokenMap: nil),
      boundary: layer.boundary)
    #expect(try free.bound(to: map) == Addressing.layers(of: .deepseekV41)[0])
  }
}
