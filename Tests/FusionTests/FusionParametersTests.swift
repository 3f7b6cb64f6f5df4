import Foundation
import Testing

@testable import Fusion

@Suite struct FusionParametersTests {
  @Test(arguments: FusionForm.allCases)
  func slicesCoverTheArrayAndMakeWeights(_ form: FusionForm) throws {
    let shape = try FusionShape(form: form, branches: 3, width: 6, inputs: 5)
    let parameters = FusionParameters(shape: shape, seed: 4)
    let slices = FusionParameters.slices(of: shape)
    #expect(Set(slices.map(\.name)) == Set(form.tensorNames))
    var end = 0
    for slice in slices {
      #expect(slice.range.lowerBound == end)
      #expect(slice.range.count == slice.shape.reduce(1, *))
      end = slice.range.upperBound
    }
    #expect(end == parameters.values.count)
    let weights = try parameters.weights()
    #expect(weights.branches == 3 && weights.width == 6 && weights.inputs == 5)
    let again = try FusionParameters(shape: shape, tensors: parameters.tensors())
    #expect(again.values == parameters.values)
  }

  /// The first numbers of a seed are fixed: a run must start alike on every machine.
  @Test func aSeedGivesTheSameWeightsEverywhere() throws {
    let shape = try FusionShape(form: .engramPaper, branches: 1, width: 64, inputs: 256)
    let values = FusionParameters(shape: shape, seed: 1).values
    let bound = (3.0 / 256 as Float).squareRoot()
    // SplitMix64 of 1: 0x910a2dec89025cc1, 0xbeeb8da1658eec67.
    #expect(values[0] == (Float(0x910a2d) * 0x1p-23 - 1) * bound)
    #expect(values[1] == (Float(0xbeeb8d) * 0x1p-23 - 1) * bound)
    #expect(values != FusionParameters(shape: shape, seed: 2).values)
    let projections = values[..<(2 * 64 * 256)]
    #expect(projections.allSatisfy { abs($0) <= bound })
    let variance = projections.reduce(0) { $0 + $1 * $1 } / Float(projections.count)
    #expect(abs(variance * 256 - 1) < 0.05)
  }

  @Test(arguments: FusionForm.allCases)
  func tensorsThatDoNotFitAreRefused(_ form: FusionForm) throws {
    let shape = try FusionShape(form: form, branches: 2, width: 6, inputs: 5)
    let whole = FusionParameters(shape: shape, seed: 4).tensors()
    for (name, tensor) in whole {
      var tensors = whole
      tensors[name] = nil
      #expect(throws: FusionError.missingTensor(form: form.rawValue, tensor: name)) {
        try FusionParameters(shape: shape, tensors: tensors)
      }
      var other = tensor.shape
      other[0] += 1
      tensors[name] = FusionTensor(shape: other, values: tensor.values)
      #expect(throws: FusionError.shape(tensor: name, found: other, expected: tensor.shape)) {
        try FusionParameters(shape: shape, tensors: tensors)
      }
      tensors[name] = FusionTensor(shape: tensor.shape, values: tensor.values + [0])
      #expect(throws: FusionError.self) {
        try FusionParameters(shape: shape, tensors: tensors)
      }
    }
    var short = FusionParameters(shape: shape, seed: 4)
    short.values.removeLast()
    #expect(throws: FusionError.self) { try short.weights() }
  }

  /// Sizes come out of files too.
  @Test func impossibleSizesAreRefusedInOneLine() throws {
    let shape = try FusionShape(form: .deepSeekV41, branches: 1, width: 64, inputs: 256)
    #expect(shape.kernel == 0 && shape.dilation == 0)
    let text = String(decoding: try JSONEncoder().encode(shape), as: UTF8.self)
    #expect(try JSONDecoder().decode(FusionShape.self, from: Data(text.utf8)) == shape)
    for size in ["0", "-1", "9223372036854775807"] {
      let broken = text.replacingOccurrences(of: "\"width\":64", with: "\"width\":\(size)")
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(FusionShape.self, from: Data(broken.utf8))
      }
      #expect(throws: FusionError.size(name: "kernel", found: Int(size)!, most: 1024)) {
        try FusionShape(
          form: .engramPaper, branches: 1, width: 64, inputs: 256, kernel: Int(size)!)
      }
    }
    let error = FusionError.size(name: "width", found: 0, most: 9)
    #expect("\(error)" == "a fusion cannot have width 0; give a number from 1 to 9")
  }
}
