import CEngram
import Fusion
import SeededRandom
import Testing

@Suite struct FusionCallTests {
  private let branches = 2
  private let width = 16
  private let inputs = 24
  private let tensors: [String: FusionTensor]

  init() {
    var generator = SeededGenerator(seed: 5)
    func tensor(_ shape: [Int]) -> FusionTensor {
      FusionTensor(
        shape: shape,
        values: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &generator) })
    }
    tensors = [
      "key_weight": tensor([2, 16, 24]), "key_bias": tensor([2, 16]),
      "value_weight": tensor([16, 24]), "value_bias": tensor([16]), "key_norm": tensor([2, 16]),
      "query_norm": tensor([2, 16]), "conv_norm": tensor([2, 16]), "conv_weight": tensor([32, 4]),
    ]
  }

  /// Opens a fusion of `tensors`, the C way.
  private func open(
    _ form: String, _ tensors: [String: FusionTensor], _ fusion: inout engram_fusion
  ) -> engram_status {
    let names = tensors.keys.sorted()
    var given: [engram_tensor] = []
    var kept:
      [(UnsafeMutablePointer<CChar>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Int64>)] = []
    for name in names {
      guard let tensor = tensors[name] else { continue }
      let text = Array(name.utf8CString)
      let memory = (
        UnsafeMutablePointer<CChar>.allocate(capacity: text.count),
        UnsafeMutablePointer<Float>.allocate(capacity: max(1, tensor.values.count)),
        UnsafeMutablePointer<Int64>.allocate(capacity: max(1, tensor.shape.count))
      )
      memory.0.initialize(from: text, count: text.count)
      memory.1.initialize(from: tensor.values, count: tensor.values.count)
      memory.2.initialize(from: tensor.shape.map { Int64($0) }, count: tensor.shape.count)
      kept.append(memory)
      given.append(
        engram_tensor(
          name: memory.0, values: memory.1, shape: memory.2, rank: Int32(tensor.shape.count)))
    }
    defer {
      for memory in kept {
        memory.0.deallocate()
        memory.1.deallocate()
        memory.2.deallocate()
      }
    }
    return engram_fusion_open(form, given, given.count, 3, &fusion)
  }

  @Test func aSequenceInPiecesIsTheWholeOne() throws {
    var fusion: engram_fusion = 0
    try check(open("engram-paper", tensors, &fusion))
    var info = engram_fusion_info()
    try check(engram_fusion_get_info(fusion, &info))
    #expect(info.branches == 2 && info.width == 16 && info.inputs == 24)
    #expect(info.state == 9 * (16 + 2))

    var generator = SeededGenerator(seed: 6)
    let tokens = 40
    let hidden = (0..<tokens * 32).map { _ in Float.random(in: -1...1, using: &generator) }
    let rows = (0..<tokens * 24).map { _ in Float.random(in: -1...1, using: &generator) }
    let mask = (0..<tokens).map { $0 % 5 == 3 ? UInt8(0) : 1 }
    // What the library's own type makes of it.
    let weights = try FusionWeights(.engramPaper, tensors: tensors)
    var state = ConvolutionState(for: weights)
    var expected = [Float](repeating: .nan, count: hidden.count)
    try hidden.withUnsafeBufferPointer { hidden in
      try rows.withUnsafeBufferPointer { rows in
        try mask.withUnsafeBufferPointer { mask in
          try expected.withUnsafeMutableBufferPointer {
            try EngramFusion(weights).forward(
              tokens: tokens, hidden: hidden, rows: rows, mask: mask, state: &state,
              into: FusionOutputs(output: $0))
          }
        }
      }
    }
    var output = [Float](repeating: .nan, count: hidden.count)
    var gate = [Float](repeating: .nan, count: tokens * 2)
    try check(engram_fusion_forward(fusion, tokens, hidden, rows, mask, nil, &gate, nil, &output))
    #expect(output == expected && gate.allSatisfy { (0...1).contains($0) })

    var numbers = [Float](repeating: 0, count: Int(info.state))
    var pieces: [Float] = []
    for (first, count) in [(0, 13), (13, 1), (14, 26)] {
      var part = [Float](repeating: .nan, count: count * 32)
      try check(
        engram_fusion_forward(
          fusion, count, Array(hidden[first * 32..<(first + count) * 32]),
          Array(rows[first * 24..<(first + count) * 24]), Array(mask[first..<first + count]),
          &numbers, nil, nil, &part))
      pieces += part
    }
    let worst = zip(pieces, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst < 1e-5)
    try check(engram_fusion_close(fusion))
  }

  @Test func badWeightsAreSaid() {
    var fusion: engram_fusion = 0
    #expect(open("engram", tensors, &fusion) == ENGRAM_INVALID)
    #expect(lastError.contains("qwen-ple"))
    var some = tensors
    some["key_norm"] = nil
    #expect(open("engram-paper", some, &fusion) == ENGRAM_INVALID)
    #expect(lastError.contains("key_norm"))
    some["key_norm"] = FusionTensor(shape: [2, 15], values: [Float](repeating: 0, count: 30))
    #expect(open("engram-paper", some, &fusion) == ENGRAM_INVALID)
    some["key_norm"] = FusionTensor(shape: [], values: [])
    #expect(open("engram-paper", some, &fusion) == ENGRAM_INVALID)
    some["key_norm"] = FusionTensor(shape: [1 << 40, 1 << 40], values: [])
    #expect(open("engram-paper", some, &fusion) == ENGRAM_INVALID)
    #expect(engram_fusion_open("engram-paper", nil, 3, 3, &fusion) == ENGRAM_INVALID)
    #expect(fusion == 0)
  }

  @Test func buffersThatAreMissingAreSaid() throws {
    var fusion: engram_fusion = 0
    try check(open("engram-paper", tensors, &fusion))
    let one = [Float](repeating: 0, count: 32)
    #expect(engram_fusion_forward(fusion, 1, nil, one, nil, nil, nil, nil, nil) == ENGRAM_INVALID)
    #expect(engram_fusion_forward(fusion, 1, one, nil, nil, nil, nil, nil, nil) == ENGRAM_INVALID)
    #expect(engram_fusion_forward(fusion, -1, one, one, nil, nil, nil, nil, nil) == ENGRAM_INVALID)
    #expect(
      engram_fusion_forward(fusion, .max / 3, one, one, nil, nil, nil, nil, nil) == ENGRAM_INVALID)
    try check(engram_fusion_forward(fusion, 0, nil, nil, nil, nil, nil, nil, nil))
  }
}
