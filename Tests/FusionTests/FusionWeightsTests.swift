import Foundation
import Testing

@testable import Fusion

@Suite struct FusionWeightsTests {
  /// Every weight, with any dimension changed, is refused in one line that names it.
  @Test(arguments: FusionForm.allCases)
  func tensorsThatDisagreeAreRefused(_ form: FusionForm) throws {
    let plain = PlainFusion(form: form, branches: 2, width: 6, inputs: 5, tokens: 1, seed: 1)
    _ = try FusionWeights(form, tensors: plain.tensors)
    for (name, tensor) in plain.tensors {
      var tensors = plain.tensors
      tensors[name] = nil
      #expect(
        throws: FusionError.missingTensor(form: form.rawValue, tensor: name)
      ) { try FusionWeights(form, tensors: tensors) }
      for axis in tensor.shape.indices {
        // Another kernel size is a kernel size.
        if ["conv_weight", "conv1d"].contains(name), axis == tensor.shape.count - 1 { continue }
        // Nothing else of this form depends on the number of inputs.
        if name == "wkv", axis == 1 { continue }
        var shape = tensor.shape
        shape[axis] += 1
        let values = [Float](repeating: 0, count: shape.reduce(1, *))
        tensors[name] = FusionTensor(shape: shape, values: values)
        let message = message { try FusionWeights(form, tensors: tensors) }
        #expect(message.hasPrefix("fusion tensor ") && !message.contains("\n"), "\(name) \(axis)")
      }
      for shape in [[], [0], [1 << 40], [-1, -1], [1, 1, 1, 1]] {
        tensors[name] = FusionTensor(shape: shape, values: [0])
        #expect(message { try FusionWeights(form, tensors: tensors) } != "")
      }
      tensors[name] = FusionTensor(shape: tensor.shape, values: tensor.values + [0])
      #expect(message { try FusionWeights(form, tensors: tensors) } != "")
    }
  }

  private func message(_ body: () throws -> FusionWeights) -> String {
    do {
      _ = try body()
      return ""
    } catch { return "\(error)" }
  }

  @Test func everyFP8CodeHasItsValue() throws {
    let codes = (0..<256).map { UInt8($0) }
    let tensor = try decode(codes, [127], rows: 8, columns: 32)
    for code in 0..<256 {
      let exponent = code >> 3 & 15
      let mantissa = Float(code & 7)
      let size =
        exponent == 0
        ? mantissa / 512 : (1 + mantissa / 8) * Float(pow(2.0, Double(exponent - 7)))
      let found = tensor.values[code]
      if code & 0x7F == 0x7F {
        #expect(found.isNaN)
      } else {
        #expect(found == (code < 128 ? size : -size))
        #expect(found.sign == (code < 128 ? .plus : .minus))
      }
    }
    #expect(tensor.values[0x7E] == 448)
  }

  @Test func scalesServeTheirBlocks() throws {
    let (rows, columns) = (70, 100)
    let one: UInt8 = 0x38
    let scales: [UInt8] = (0..<12).map { UInt8(120 + $0) }
    let tensor = try decode(
      [UInt8](repeating: one, count: rows * columns), scales, rows: rows, columns: columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let scale = scales[row / 32 * 4 + column / 32]
        #expect(tensor.values[row * columns + column] == Float(pow(2.0, Double(scale) - 127)))
      }
    }
    #expect(try decode([one], [255], rows: 1, columns: 1).values[0].isNaN)
    #expect(try decode([one], [0], rows: 1, columns: 1).values[0] == Float(pow(2.0, -127)))
    #expect(throws: FusionError.self) { try decode([one], [1, 2], rows: 1, columns: 1) }
    #expect(throws: FusionError.self) { try decode([one], [1], rows: 1, columns: 2) }
    #expect(throws: FusionError.self) { try decode([], [], rows: 0, columns: 1) }
  }

  private func decode(
    _ codes: [UInt8], _ scales: [UInt8], rows: Int, columns: Int
  ) throws -> FusionTensor {
    try codes.withUnsafeBufferPointer { codes in
      try scales.withUnsafeBufferPointer { scales in
        try FusionTensor(fp8: codes, scales: scales, rows: rows, columns: columns, name: "w")
      }
    }
  }
}
