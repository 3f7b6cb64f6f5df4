import Testing

@testable import Addressing

/// The rules of all three presets against published row ids.
@Suite struct GoldenTests {
  private let golden: AddressingGolden

  init() throws { golden = try AddressingGolden.load() }

  @Test func deepseekParametersArePublishedOnes() throws {
    let meta = golden.meta.deepseekV41
    let layers = try Addressing.layers(of: .deepseekV41)
    #expect(layers.map(\.layer) == meta.engramLayerIds)
    #expect(layers.map(\.bucketSizes) == meta.primes)
    #expect(layers.map { $0.multipliers.map(\.description) } == meta.multipliers)
    #expect(layers.map(\.rowCount) == meta.engramNumEmbeddings)
    #expect(layers.map(\.rowCount) == [384_006_168, 384_016_682])
    #expect(try GoldenData.deepseekMap().identity.description == meta.tokenMapSha256Int32Le)
  }

  @Test func paperParametersArePublishedOnes() throws {
    let meta = golden.meta.engramDemo
    let layers = try Addressing.layers(of: .engramPaper)
    #expect(layers.map(\.layer) == meta.layerIds)
    for layer in layers {
      #expect(layer.bucketSizes == meta.primes["\(layer.layer)"])
      #expect(layer.multipliers.map(\.description) == meta.multipliers["\(layer.layer)"])
    }
  }

  @Test func qwenParametersArePublishedOnes() throws {
    let meta = golden.meta.qwenPle
    let layers = try Addressing.layers(of: .qwenPLE)
    #expect(layers.count == 1)
    #expect(Array(layers[0].bucketSizes.joined()) == meta.headVocabSizes)
    #expect(layers[0].offsets == meta.headOffsets)
    #expect(layers[0].rowCount == meta.paddedRows)
    #expect(layers[0].multipliers.map(\.description) == meta.multipliers)
  }

  @Test(arguments: NgramHasher.Path.allCases.filter(\.isSupported))
  func deepseekRowsArePublishedOnes(path: NgramHasher.Path) throws {
    let layers = try Addressing.layers(of: .deepseekV41)
    let hasher = try NgramHasher(layers, tokenMap: GoldenData.deepseekMap(), path: path)
    #expect(golden.cases.deepseekV41.count >= 12)
    for example in golden.cases.deepseekV41 {
      let rows = try hasher.rows(
        for: example.tokenIds, masked: example.masked?.map { $0 != 0 },
        segments: example.segmentIds)
      let expected = try layers.flatMap { layer in
        try #require(example.rows["\(layer.layer)"]).joined()
      }
      #expect(firstDifference(rows, expected) == nil, "\(example.name)")
    }
  }

  @Test func deepseekTokensAreMappedAsPublished() throws {
    let map = try GoldenData.deepseekMap()
    #expect(map.vocabularySize == 129_280)
    #expect(map.compressedSize == 99_092)
    for example in golden.cases.deepseekV41 {
      guard let expected = example.compressedIds else { continue }
      #expect(try map.map(example.tokenIds) == expected)
    }
  }

  @Test(arguments: NgramHasher.Path.allCases.filter(\.isSupported))
  func paperRowsArePublishedOnes(path: NgramHasher.Path) throws {
    for layer in try Addressing.layers(of: .engramPaper) {
      let hasher = try NgramHasher([layer], tokenMap: GoldenData.deepseekMap(), path: path)
      let offsets = layer.offsets
      for example in golden.cases.engramDemo {
        let rows = try hasher.rows(for: example.tokenIds)
        let expected = try #require(example.headRows["\(layer.layer)"]).flatMap { heads in
          zip(heads, offsets).map { $0 + $1 }
        }
        #expect(firstDifference(rows, expected) == nil, "\(example.name)")
      }
    }
  }

  @Test(arguments: NgramHasher.Path.allCases.filter(\.isSupported))
  func qwenRowsArePublishedOnes(path: NgramHasher.Path) throws {
    let hasher = try NgramHasher(Addressing.layers(of: .qwenPLE), tokenMap: nil, path: path)
    for example in golden.cases.qwenPle {
      let rows = try hasher.rows(for: example.tokenIds)
      #expect(firstDifference(rows, Array(example.rows.joined())) == nil, "\(example.name)")
    }
  }
}
