import SeededRandom
import Testing

@testable import Fusion

@Suite struct EngramFusionTests {
  /// Agreement is |found - expected| <= 1e-5 max(1, |expected|), element by element.
  @Test(arguments: GoldenFusion.names.indices)
  func goldenCasesAgree(_ index: Int) throws {
    let (name, form) = GoldenFusion.names[index]
    let golden = try GoldenFusion(name, form)
    for threads in [1, 2] {
      let fused = try Fused(
        EngramFusion(golden.weights, threads: threads), hidden: golden.hidden, rows: golden.rows,
        mask: golden.mask, pieces: [golden.tokens])
      #expect(difference(fused.gate, golden.gate) <= 1e-5)
      #expect(difference(fused.delta, golden.delta) <= 1e-5)
      #expect(difference(fused.output, golden.output) <= 1e-5)
    }
  }

  @Test(arguments: GoldenFusion.names.indices)
  func feedingInPiecesEqualsAllAtOnce(_ index: Int) throws {
    let (name, form) = GoldenFusion.names[index]
    let golden = try GoldenFusion(name, form)
    var random = SeededGenerator(seed: 3)
    for _ in 0..<20 {
      var pieces: [Int] = []
      while pieces.reduce(0, +) < golden.tokens {
        let rest = golden.tokens - pieces.reduce(0, +)
        pieces.append(Int.random(in: 0...min(rest, 4), using: &random))
      }
      let block = Int.random(in: 1...5, using: &random)
      let fused = try Fused(
        EngramFusion(golden.weights, threads: 1, blockTokens: block), hidden: golden.hidden,
        rows: golden.rows, mask: golden.mask, pieces: pieces)
      #expect(difference(fused.gate, golden.gate) <= 1e-5, "\(pieces)")
      #expect(difference(fused.delta, golden.delta) <= 1e-5, "\(pieces)")
    }
  }

  /// Wide enough for several chunks, long enough for two threads and several blocks, against a
  /// plain loop in float64.
  @Test(arguments: FusionForm.allCases)
  func longBatchesAgreeWithAPlainLoop(_ form: FusionForm) throws {
    let plain = PlainFusion(form: form, branches: 3, width: 270, inputs: 8, tokens: 100, seed: 5)
    let weights = try FusionWeights(form, tensors: plain.tensors, dilation: 2)
    let fused = try Fused(
      EngramFusion(weights, threads: 2, blockTokens: 48), hidden: plain.hidden, rows: plain.rows,
      mask: plain.mask, pieces: [50, 1, 49])
    let expected = plain.forward(dilation: 2)
    #expect(difference(fused.gate, expected.gate) <= 1e-5)
    #expect(difference(fused.delta, expected.delta) <= 1e-5)
    #expect(difference(fused.output, expected.output) <= 1e-5)
  }

  @Test func maskedTokensHaveNoGate() throws {
    let golden = try GoldenFusion("deepseek-v41-1", .deepSeekV41)
    let fused = try Fused(
      EngramFusion(golden.weights), hidden: golden.hidden, rows: golden.rows,
      mask: [UInt8](repeating: 0, count: golden.tokens), pieces: [golden.tokens])
    #expect(fused.gate.allSatisfy { $0 == 0 })
    #expect(fused.output == golden.hidden)
  }

  @Test func aCopiedStateForksTheSequence() throws {
    let golden = try GoldenFusion("qwen-ple-1", .qwenPLE)
    let fusion = EngramFusion(golden.weights, threads: 1)
    let stride = golden.weights.branches * golden.weights.width
    func run(_ range: Range<Int>, _ state: inout ConvolutionState) throws -> Fused {
      try Fused(
        fusion, tokens: range.count,
        hidden: Array(golden.hidden[range.lowerBound * stride..<range.upperBound * stride]),
        rows: Array(
          golden.rows[
            range.lowerBound * golden.weights.inputs..<range.upperBound * golden.weights.inputs]),
        mask: nil, state: &state)
    }
    var state = ConvolutionState(for: golden.weights)
    _ = try run(0..<6, &state)
    let saved = state
    let first = try run(6..<9, &state)
    _ = try run(0..<2, &state)
    state = saved
    let again = try run(6..<9, &state)
    #expect(first.delta == again.delta)
    var fresh = ConvolutionState(for: golden.weights)
    #expect(try run(6..<9, &fresh).delta != first.delta)
  }

  @Test func sizesThatDoNotFitAreRefused() throws {
    let golden = try GoldenFusion("qwen-ple-1", .qwenPLE)
    let fusion = EngramFusion(golden.weights)
    var state = ConvolutionState(for: golden.weights)
    #expect(throws: FusionError.self) {
      try Fused(
        fusion, tokens: golden.tokens, hidden: Array(golden.hidden.dropLast()),
        rows: golden.rows, mask: nil, state: &state)
    }
    #expect(throws: FusionError.self) {
      try Fused(
        fusion, tokens: golden.tokens, hidden: golden.hidden, rows: golden.rows, mask: [1],
        state: &state)
    }
    let other = try GoldenFusion("deepseek-v41-1", .deepSeekV41)
    var foreign = ConvolutionState(for: other.weights)
    #expect(throws: FusionError.foreignState(found: 0, expected: 9 * (32 + 4))) {
      try Fused(
        fusion, tokens: golden.tokens, hidden: golden.hidden, rows: golden.rows, mask: nil,
        state: &foreign)
    }
  }
}
