import SeededRandom
import Testing

@testable import Addressing

/// Random sequences: the hasher against the plain rule, and pieces against the whole.
@Suite struct HasherPropertyTests {
  /// A model of some preset, small or published, and what its sequences may hold.
  struct Model: CustomTestStringConvertible, Sendable {
    let preset: Addressing.Preset
    let maxOrder: Int
    let heads: Int
    let base: UInt64

    var testDescription: String {
      "\(preset.rawValue) order \(maxOrder) heads \(heads) base \(base)"
    }

    func layers() throws -> [Addressing] {
      var overrides = Addressing.Overrides()
      overrides.layers = [0, 5, 6]
      overrides.maxOrder = maxOrder
      overrides.heads = heads
      overrides.base = [base]
      if preset == .qwenPLE {
        overrides.multipliers =
          [23_703_573_157_769, 20_109_073_645_365, 8_052_911_324_071]
          + [3, 5, 7, 11, 13]
      }
      return try Addressing.layers(of: preset, overrides: overrides)
    }

    func map() throws -> TokenMap? { preset == .qwenPLE ? nil : try GoldenData.deepseekMap() }
  }

  static let models: [Model] = Addressing.Preset.allCases.flatMap { preset in
    [
      Model(preset: preset, maxOrder: 2, heads: 1, base: 1),
      Model(preset: preset, maxOrder: 3, heads: 8, base: 20_000_000),
      Model(preset: preset, maxOrder: 4, heads: 8, base: 16_000_000),
      Model(preset: preset, maxOrder: 5, heads: 11, base: 1 << 31),
      Model(preset: preset, maxOrder: 8, heads: 16, base: (1 << 32) - 300),
      Model(preset: preset, maxOrder: 3, heads: 3, base: 1 << 33),
    ]
  }

  /// A sequence with repeats, end-of-sequence tokens and, where the rule knows them, boundaries.
  struct Sequence {
    var tokens: [Int32] = []
    var masked: [Bool]?
    var segments: [Int32]?

    init(_ model: Model, count: Int, random: inout SeededGenerator) {
      let isQwen = model.preset == .qwenPLE
      for _ in 0..<count {
        let isEdge = Int.random(in: 0..<6, using: &random) == 0
        let edge: Int32 = isQwen ? 248_044 : 2
        tokens.append(
          isEdge ? edge : .random(in: 0..<(isQwen ? 389_000 : 129_280), using: &random))
      }
      guard model.preset == .deepseekV41 else { return }
      if Bool.random(using: &random) {
        masked = tokens.map { _ in Int.random(in: 0..<5, using: &random) == 0 }
      }
      if Bool.random(using: &random) {
        var segment: Int32 = .random(in: -2...2, using: &random)
        segments = tokens.map { _ in
          if Int.random(in: 0..<7, using: &random) == 0 {
            segment = .random(in: -2...2, using: &random)
          }
          return segment
        }
      }
    }
  }

  @Test(arguments: models, NgramHasher.Path.allCases.filter(\.isSupported))
  func rowsFollowTheRule(model: Model, path: NgramHasher.Path) throws {
    let layers = try model.layers()
    let hasher = try NgramHasher(layers, tokenMap: model.map(), path: path)
    let reference = ReferenceHasher(layers: layers, map: try model.map())
    var random = SeededGenerator(seed: 1)
    for count in [0, 1, 2, 3, 63, 64, 65, 130, 300] {
      let input = Sequence(model, count: count, random: &random)
      let rows = try hasher.rows(
        for: input.tokens, masked: input.masked, segments: input.segments)
      let expected = reference.rows(
        input.tokens, masked: input.masked, segments: input.segments)
      #expect(firstDifference(rows, expected) == nil)
      #expect(rows.count == count * hasher.columns)
    }
  }

  /// Large batches are written another way; their rows are those of small batches.
  @Test(arguments: [8, 11, 64])
  func largeBatchGivesWhatSmallOnesGive(heads: Int) throws {
    var overrides = Addressing.Overrides()
    overrides.heads = heads
    overrides.maxOrder = 3
    let hasher = try NgramHasher(Addressing.layers(of: .qwenPLE, overrides: overrides))
    var random = SeededGenerator(seed: 6)
    let count = (6 << 20) / 8 / hasher.columns + 13
    let tokens = (0..<count).map { _ in Int32.random(in: 0..<389_000, using: &random) }
    let whole = try hasher.rows(for: tokens)
    var history = hasher.start()
    var rows: [Int64] = []
    for start in stride(from: 0, to: count, by: 1000) {
      rows += try hasher.rows(
        for: Array(tokens[start..<min(count, start + 1000)]), history: &history)
    }
    #expect(firstDifference(rows, whole) == nil)
  }

  @Test(arguments: models)
  func piecesGiveWhatTheWholeGives(model: Model) throws {
    let layer = try model.layers()[1]
    let hasher = try NgramHasher(layer, tokenMap: model.map())
    var random = SeededGenerator(seed: 2)
    for largest in [1, 2, 5, 80] {
      for _ in 0..<5 {
        let input = Sequence(model, count: 200, random: &random)
        let whole = try hasher.rows(
          for: input.tokens, masked: input.masked, segments: input.segments)
        var history = hasher.start()
        var rows: [Int64] = []
        var place = 0
        while place < input.tokens.count {
          let count = min(
            Int.random(in: 0...largest, using: &random), input.tokens.count - place)
          rows += try Self.feed(hasher, input, place..<place + count, &history)
          place += count
        }
        #expect(firstDifference(rows, whole) == nil)
      }
    }
  }

  @Test(arguments: models)
  func forkRollbackAndPrefixHitContinueAsTheWhole(model: Model) throws {
    let layer = try model.layers()[2]
    let hasher = try NgramHasher(layer, tokenMap: model.map())
    var random = SeededGenerator(seed: 3)
    for cut in [0, 1, 2, 3, 4, 9, 40] {
      let input = Sequence(model, count: 60, random: &random)
      let whole = try hasher.rows(
        for: input.tokens, masked: input.masked, segments: input.segments)
      let rest = Array(whole[(cut * hasher.columns)...])
      var history = hasher.start()
      _ = try Self.feed(hasher, input, 0..<cut, &history)

      // A fork that goes its own way leaves the original alone, which is a rollback, too.
      var fork = history
      #expect(fork == history)
      _ = try hasher.rows(for: [7, 8, 9, 2, 10], history: &fork)
      #expect(try firstDifference(Self.feed(hasher, input, cut..<60, &history), rest) == nil)

      for kept in [layer.maxOrder - 1, layer.maxOrder + 3] {
        let suffix = max(0, cut - kept)..<cut
        var rebuilt = try hasher.history(
          after: Array(input.tokens[suffix]), masked: input.masked.map { Array($0[suffix]) },
          segments: input.segments.map { Array($0[suffix]) })
        #expect(try firstDifference(Self.feed(hasher, input, cut..<60, &rebuilt), rest) == nil)
        #expect(rebuilt == history)
      }
    }
  }

  @Test func unlabelledTokensContinueTheSegment() throws {
    let hasher = try NgramHasher(
      Addressing.layers(of: .deepseekV41), tokenMap: GoldenData.deepseekMap())
    let tokens: [Int32] = [22898, 19737, 270, 9327, 11]
    let whole = try hasher.rows(for: tokens, segments: [3, 3, 4, 4, 4])
    var history = hasher.start()
    _ = try hasher.rows(for: Array(tokens[..<4]), segments: [3, 3, 4, 4], history: &history)
    let last = try hasher.rows(for: [11], history: &history)
    #expect(Array(last[..<24]) == Array(whole[(4 * 24)..<(5 * 24)]))
  }

  private static func feed(
    _ hasher: NgramHasher, _ input: Sequence, _ range: Range<Int>, _ history: inout TokenHistory
  ) throws -> [Int64] {
    try hasher.rows(
      for: Array(input.tokens[range]), masked: input.masked.map { Array($0[range]) },
      segments: input.segments.map { Array($0[range]) }, history: &history)
  }
}
