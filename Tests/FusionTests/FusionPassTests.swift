import Foundation
import Safetensors
import SeededRandom
import Testing

@testable import Fusion

@Suite struct FusionPassTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let form: FusionForm
    let branches: Int
    let masked: Bool
    var testDescription: String { "\(form.rawValue), M \(branches), masked \(masked)" }

    static let all = FusionForm.allCases.flatMap { form in
      [1, 4].flatMap { branches in
        [false, true].map { Case(form: form, branches: branches, masked: $0) }
      }
    }
  }

  /// Sequences shorter than the convolution's reach, longer than it, and empty.
  @Test(arguments: Case.all)
  func gradientsAreThoseOfCentralDifferences(_ example: Case) throws {
    let shape = try FusionShape(
      form: example.form, branches: example.branches, width: 5, inputs: 4, kernel: 3, dilation: 2)
    let plain = PlainTraining(shape, sequences: [2, 0, 6, 1], masked: example.masked, seed: 21)
    let passed = try Passed(plain)
    #expect(distance(passed.output, plain.output()) <= 1e-6)
    for (name, gradient) in passed.gradients {
      let expected = plain.centralDifferences(name)
      #expect(distance(gradient, expected) <= 1e-4, "\(name)")
    }
  }

  /// At width 70 every kernel has a vector body and a rest.
  @Test(arguments: Case.all)
  func theForwardPassIsThatOfInference(_ example: Case) throws {
    let shape = try FusionShape(
      form: example.form, branches: example.branches, width: 70, inputs: 24, kernel: 4,
      dilation: 3)
    let plain = PlainTraining(shape, sequences: [40, 1, 9], masked: example.masked, seed: 22)
    let passed = try Passed(plain)
    let fusion = EngramFusion(try plain.parameters().weights(), threads: 1)
    var first = 0
    let channels = shape.branches * shape.width
    for count in plain.sequences {
      let range = first..<first + count
      let fused = try Fused(
        fusion,
        hidden: Array(
          plain.floats("hidden")[range.lowerBound * channels..<range.upperBound * channels]),
        rows: Array(
          plain.floats("rows")[range.lowerBound * shape.inputs..<range.upperBound * shape.inputs]),
        mask: plain.mask.map { Array($0[range]) }, pieces: [count])
      let found = passed.output[range.lowerBound * channels..<range.upperBound * channels]
      #expect(distance(Array(found), fused.output.map(Double.init)) <= 1e-6)
      first += count
    }
  }

  @Test(arguments: GoldenFusion.names.indices)
  func gradientsAreThoseOfPyTorch(_ index: Int) throws {
    let (name, form) = GoldenFusion.names[index]
    let golden = try GoldenFusion(name, form)
    let path = try #require(
      Bundle.module.path(forResource: "Golden/gradients-\(name)", ofType: "safetensors"))
    let file = try SafetensorsFile(path: path)
    let shape = try FusionShape(
      form: form, branches: golden.weights.branches, width: golden.weights.width,
      inputs: golden.weights.inputs)
    let passed = try Passed(
      parameters: FusionParameters(shape: shape, tensors: golden.tensors),
      sequences: [golden.tokens], hidden: golden.hidden, rows: golden.rows, mask: golden.mask,
      upstream: file.floats(of: "upstream"))
    #expect(passed.gradients.count == form.tensorNames.count + 2)
    for (name, gradient) in passed.gradients {
      let expected = try file.floats(of: "gradient.\(name)").map(Double.init)
      #expect(distance(gradient, expected) <= 1e-4, "\(name)")
    }
  }

  /// Parameters' gradients add up over batches, the others are written, and the gradient of the
  /// hidden states may take the place of the output's.
  @Test func parameterGradientsAddUp() throws {
    let shape = try FusionShape(form: .engramPaper, branches: 2, width: 6, inputs: 5)
    let plain = PlainTraining(shape, sequences: [8], masked: true, seed: 23)
    let once = try Passed(plain)
    let twice = try Passed(plain, backwards: 2, inPlace: true)
    for (name, gradient) in once.gradients {
      let factor = ["hidden", "rows"].contains(name) ? 1.0 : 2.0
      #expect(
        distance(twice.gradients[name] ?? [], gradient.map { factor * Double($0) }) <= 1e-6,
        "\(name)")
    }
  }

  /// A key that is exactly zero has a clamped root: nothing passes, and nothing is NaN.
  @Test(arguments: FusionForm.allCases)
  func zeroRowsHaveFiniteGradients(_ form: FusionForm) throws {
    let shape = try FusionShape(form: form, branches: 2, width: 6, inputs: 5)
    var plain = PlainTraining(shape, sequences: [7], masked: false, seed: 24)
    for name in ["rows", "key_bias", "value_bias"] where plain.numbers[name] != nil {
      plain.numbers[name] = [Double](repeating: 0, count: plain.numbers[name]!.count)
    }
    for (name, gradient) in try Passed(plain).gradients {
      #expect(gradient.allSatisfy { $0.isFinite }, "\(name)")
      if name == "hidden" { #expect(gradient == plain.upstream) }
    }
  }

  @Test func anEmptyBatchChangesNothing() throws {
    let shape = try FusionShape(form: .engramPaper, branches: 2, width: 6, inputs: 5)
    let plain = PlainTraining(shape, sequences: [], masked: false, seed: 25)
    let passed = try Passed(plain)
    #expect(passed.gradients.values.allSatisfy { $0.allSatisfy { $0 == 0 } })
  }
}

/// A forward and a backward pass, as arrays.
struct Passed {
  private(set) var output: [Float]
  private(set) var gradients: [String: [Float]] = [:]

  init(_ plain: PlainTraining, backwards: Int = 1, inPlace: Bool = false) throws {
    try self.init(
      parameters: plain.parameters(), sequences: plain.sequences, hidden: plain.floats("hidden"),
      rows: plain.floats("rows"), mask: plain.mask, upstream: plain.upstream,
      backwards: backwards, inPlace: inPlace)
  }

  init(
    parameters: FusionParameters, sequences: [Int], hidden: [Float], rows: [Float],
    mask: [UInt8]?, upstream: [Float], backwards: Int = 1, inPlace: Bool = false
  ) {
    let tokens = sequences.reduce(0, +)
    let pass = FusionPass(shape: parameters.shape, tokens: tokens + 3)
    output = [Float](repeating: .nan, count: hidden.count)
    var hiddenGradient = output
    var rowsGradient = [Float](repeating: .nan, count: rows.count)
    var parameterGradient = [Float](repeating: 0, count: parameters.values.count)
    withMask(mask) { mask in
      pass.forward(
        tokens: tokens, sequences: sequences, parameters: parameters.values, hidden: hidden,
        rows: rows, mask: mask, output: &output)
      for _ in 0..<backwards {
        hiddenGradient = inPlace ? upstream : hiddenGradient
        hiddenGradient.withUnsafeMutableBufferPointer { gradient in
          upstream.withUnsafeBufferPointer { upstream in
            guard let above = upstream.baseAddress, let gradient = gradient.baseAddress else {
              return
            }
            pass.backward(
              tokens: tokens, sequences: sequences, parameters: parameters.values, hidden: hidden,
              rows: rows, mask: mask, outputGradient: inPlace ? UnsafePointer(gradient) : above,
              hiddenGradient: gradient, rowsGradient: &rowsGradient,
              parameterGradient: &parameterGradient)
          }
        }
      }
    }
    gradients = ["hidden": hiddenGradient, "rows": rowsGradient]
    for slice in FusionParameters.slices(of: parameters.shape) {
      gradients[slice.name] = Array(parameterGradient[slice.range])
    }
  }
}

private func withMask(_ mask: [UInt8]?, _ body: (UnsafePointer<UInt8>?) -> Void) {
  guard let mask else { return body(nil) }
  mask.withUnsafeBufferPointer { body($0.baseAddress) }
}

/// |found - expected| / |expected|; infinite where a number is missing or not finite.
func distance(_ found: [Float], _ expected: [Double]) -> Double {
  guard found.count == expected.count else { return .infinity }
  var (difference, size) = (0.0, 0.0)
  for (a, b) in zip(found, expected) {
    difference += (Double(a) - b) * (Double(a) - b)
    size += b * b
  }
  guard difference.isFinite, size.isFinite else { return .infinity }
  return difference == 0 ? 0 : (difference / size).squareRoot()
}
