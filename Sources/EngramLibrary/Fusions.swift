// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

// The names are those of engram.h, which also documents these functions.
import CEngram
import Fusion
import Serving

/// The weights of a fusion, ready for use.
final class OpenFusion: Handled {
  static var kind: HandleKind { .fusion }

  let fusion: EngramFusion

  init(_ weights: FusionWeights) {
    // libdispatch's threads do not outlive a fork.
    fusion =
      engram_process_generation() == 0 ? EngramFusion(weights) : EngramFusion(weights, threads: 1)
  }

  var info: engram_fusion_info {
    let weights = fusion.weights
    return engram_fusion_info(
      branches: Int64(weights.branches), width: Int64(weights.width),
      inputs: Int64(weights.inputs), state: Int64(ConvolutionState(for: weights).count))
  }
}

@c @implementation
public func engram_fusion_open(
  _ form: UnsafePointer<CChar>?, _ tensors: UnsafePointer<engram_tensor>?, _ count: Int,
  _ dilation: Int64, _ fusion: UnsafeMutablePointer<engram_fusion>?
) -> engram_status {
  answering {
    let fusion = try given(fusion, "fusion")
    let name = try text(form, "form")
    guard let form = FusionForm(rawValue: name) else {
      throw RequestError.badValue(
        name: "form", found: "\"\(name.prefix(32))\"",
        expected: FusionForm.allCases.map(\.rawValue).joined(separator: ", "))
    }
    guard count <= 64 else {
      throw LibraryError.badNumber(name: "count", found: Int64(count), expected: "at most 64")
    }
    var named: [String: FusionTensor] = [:]
    for tensor in try elements(tensors, count, "tensors") {
      let name = try text(tensor.name, "a tensor's name")
      named[name] = try FusionTensor(tensor, name: name)
    }
    fusion.pointee = Handles.add(
      OpenFusion(try FusionWeights(form, tensors: named, dilation: Int(dilation))))
  }
}

@c @implementation
public func engram_fusion_close(_ fusion: engram_fusion) -> engram_status {
  answering { try Handles.close(fusion, OpenFusion.self) }
}

@c @implementation
public func engram_fusion_get_info(
  _ fusion: engram_fusion, _ info: UnsafeMutablePointer<engram_fusion_info>?
) -> engram_status {
  answering {
    let info = try given(info, "info")
    info.pointee = try Handles.get(fusion, OpenFusion.self).info
  }
}

@c @implementation
public func engram_fusion_forward(
  _ fusion: engram_fusion, _ tokens: Int, _ hidden: UnsafePointer<Float>?,
  _ rows: UnsafePointer<Float>?, _ mask: UnsafePointer<UInt8>?,
  _ state: UnsafeMutablePointer<Float>?, _ gate: UnsafeMutablePointer<Float>?,
  _ delta: UnsafeMutablePointer<Float>?, _ output: UnsafeMutablePointer<Float>?
) -> engram_status {
  answering {
    let fusion = try Handles.get(fusion, OpenFusion.self).fusion
    let weights = fusion.weights
    func product(_ numbers: Int...) throws -> Int {
      var total = 1
      for number in numbers {
        let (next, overflow) = total.multipliedReportingOverflow(by: number)
        guard !overflow, next >= 0 else {
          throw LibraryError.badNumber(
            name: "tokens", found: Int64(tokens), expected: "as many as memory can hold")
        }
        total = next
      }
      return total
    }
    let gates = try product(tokens, weights.branches)
    let numbers = try product(tokens, weights.branches, weights.width)
    var convolution = ConvolutionState(for: weights)
    let size = convolution.count
    if let state { convolution.read(UnsafeBufferPointer(start: state, count: size)) }
    try fusion.forward(
      tokens: tokens, hidden: try elements(hidden, numbers, "hidden"),
      rows: try elements(rows, product(tokens, weights.inputs), "rows"),
      mask: try mask.map { try elements($0, tokens, "mask") }, state: &convolution,
      into: FusionOutputs(
        gate: try gate.map { try places($0, gates, "gate") },
        delta: try delta.map { try places($0, numbers, "delta") },
        output: try output.map { try places($0, numbers, "output") }))
    if let state { convolution.write(UnsafeMutableBufferPointer(start: state, count: size)) }
  }
}

extension FusionTensor {
  /// Copies a tensor.
  ///
  /// - Throws: `LibraryError`, `RequestError`.
  fileprivate init(_ tensor: engram_tensor, name: String) throws {
    guard (1...8).contains(tensor.rank) else {
      throw RequestError.badValue(
        name: "the rank of \(name)", found: "\(tensor.rank)", expected: "1 to 8")
    }
    let shape = try elements(tensor.shape, Int(tensor.rank), "the shape of \(name)").map { Int($0) }
    var count = 1
    for size in shape {
      let (next, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 1, !overflow else {
        throw LibraryError.badNumber(
          name: "a size of \(name)", found: Int64(size), expected: "1 or more")
      }
      count = next
    }
    self.init(
      shape: shape, values: Array(try elements(tensor.values, count, "the values of \(name)")))
  }
}
