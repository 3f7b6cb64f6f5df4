import Fusion
import MemoryTables
import SeededRandom
import Testing

/// A token without a row has a gate of zero: it adds nothing, and what enters the convolution for
/// it is zero.
@Suite struct GraftFusionTests {
  private static let (width, branches, inputs, kernel) = (16, 2, 24, 4)
  private static var history: Int { (kernel - 1) * 3 }

  private static func weights(_ form: FusionForm) throws -> FusionWeights {
    var generator = SeededGenerator(seed: 23)
    func tensor(_ shape: Int...) -> FusionTensor {
      FusionTensor(
        shape: shape,
        values: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) })
    }
    let (d, m, e) = (width, branches, inputs)
    let tensors: [String: FusionTensor] =
      switch form {
      case .engramPaper:
        [
          "key_weight": tensor(m, d, e), "key_bias": tensor(m, d), "value_weight": tensor(d, e),
          "value_bias": tensor(d), "key_norm": tensor(m, d), "query_norm": tensor(m, d),
          "conv_norm": tensor(m, d), "conv_weight": tensor(m * d, kernel),
        ]
      case .deepSeekV41:
        ["wkv": tensor((m + 1) * d, e), "q_weight": tensor(m, d), "k_weight": tensor(m, d)]
      case .qwenPLE:
        [
          "key_proj": tensor(m * d, e), "value_proj": tensor(d, e), "norm_key": tensor(m * d),
          "norm_query": tensor(m * d), "norm_conv": tensor(m * d), "conv1d": tensor(m * d, kernel),
        ]
      }
    return try FusionWeights(form, tensors: tensors)
  }

  private static func hidden(_ tokens: Int) -> [Float] {
    var generator = SeededGenerator(seed: 29)
    return (0..<tokens * branches * width).map { _ in Float.random(in: -2...2, using: &generator) }
  }

  /// - Returns: gates [tokens, M], and hidden states with what is added to them.
  private static func fuse(
    _ weights: FusionWeights, _ hidden: [Float], _ rows: [Float], _ mask: [UInt8]?
  ) throws -> (gate: [Float], output: [Float]) {
    let tokens = rows.count / inputs
    var gate = [Float](repeating: -1, count: tokens * branches)
    var output = hidden
    var state = ConvolutionState(for: weights)
    try gate.withUnsafeMutableBufferPointer { gate in
      try output.withUnsafeMutableBufferPointer { output in
        try hidden.withUnsafeBufferPointer { hidden in
          try rows.withUnsafeBufferPointer { rows in
            try (mask ?? []).withUnsafeBufferPointer { bytes in
              try EngramFusion(weights, threads: 1).forward(
                tokens: tokens, hidden: hidden, rows: rows, mask: mask == nil ? nil : bytes,
                state: &state, into: FusionOutputs(gate: gate, output: output))
            }
          }
        }
      }
    }
    return (gate, output)
  }

  @Test(arguments: FusionForm.allCases)
  func aTextWithoutAnNgramOfTheTableChangesNothing(form: FusionForm) throws {
    let fixture = try GraftFixture(width: Self.inputs)
    defer { withExtendedLifetime(fixture) {} }
    let table = try fixture.load()
    let keys = try table.exactKeys()
    // Ids that no N-gram ends with: every position is a miss.
    let free = try (0..<Int32(50)).filter { try keys.rows(for: [$0]) == [-1] }
    let text = (0..<40).map { _ in free[0] }
    let (rows, mask) = try table.gatherFloats(try keys.rows(for: text), misses: .zero)
    #expect(mask == [UInt8](repeating: 0, count: 40))
    let hidden = Self.hidden(40)
    let (gate, output) = try Self.fuse(Self.weights(form), hidden, rows, mask)
    #expect(gate.allSatisfy { $0 == 0 })
    #expect(output == hidden)
  }

  @Test(arguments: FusionForm.allCases)
  func aMissAddsNothingBesideRowsThatDo(form: FusionForm) throws {
    let fixture = try GraftFixture(width: Self.inputs)
    defer { withExtendedLifetime(fixture) {} }
    let table = try fixture.load()
    let keys = try table.exactKeys()
    var generator = SeededGenerator(seed: 31)
    var text = (0..<60).map { _ in Int32.random(in: 0..<50, using: &generator) }
    let free = try #require(try (0..<Int32(50)).first { try keys.rows(for: [$0]) == [-1] })
    text.replaceSubrange(20..<35, with: repeatElement(free, count: 15))
    let found = try keys.rows(for: text)
    let (rows, mask) = try table.gatherFloats(found, misses: .zero)
    #expect(mask.contains(0) && mask.contains(1))
    let weights = try Self.weights(form)
    let hidden = Self.hidden(60)
    let (gate, output) = try Self.fuse(weights, hidden, rows, mask)
    let row = Self.branches * Self.width
    for position in 0..<60 {
      let gates = gate[position * Self.branches..<(position + 1) * Self.branches]
      #expect(gates.allSatisfy { mask[position] == 0 ? $0 == 0 : $0 > 0 })
      // What is added comes from this token and, with a convolution, from those before it.
      let reach = form == .deepSeekV41 ? 0 : Self.history
      let isAlone = mask[max(0, position - reach)...position].allSatisfy { $0 == 0 }
      let part = position * row..<(position + 1) * row
      #expect((output[part] == hidden[part]) == isAlone)
    }
    // Whatever stands in the rows of misses does not matter; that they are masked does.
    let noisy = rows.enumerated().map {
      mask[$0 / Self.inputs] == 0 ? Float.random(in: -9...9, using: &generator) : $1
    }
    #expect(try Self.fuse(weights, hidden, noisy, mask).output == output)
    #expect(try Self.fuse(weights, hidden, noisy, nil).output != output)
  }
}
