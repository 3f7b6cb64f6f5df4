import CKernels
import Dispatch

/// The working memory of one call and the steps over one block of tokens.
///
/// Values and factors have room in front for the convolution's history; after a block the last
/// tokens move there.
struct FusionBlock {
  private let fusion: EngramFusion
  private let history: Int
  /// [block, D]: the key of one branch after another.
  private let key: UnsafeMutablePointer<Float>
  /// [history + block, D].
  private let value: UnsafeMutablePointer<Float>
  /// [history + block, M]: what turns a value into the convolution's input.
  private let scale: UnsafeMutablePointer<Float>
  /// [block, M].
  private let gate: UnsafeMutablePointer<Float>

  private var weights: FusionWeights { fusion.weights }

  init(fusion: EngramFusion, tokens: Int, state: ConvolutionState) {
    let weights = fusion.weights
    self.fusion = fusion
    history = weights.convolution?.history ?? 0
    key = .allocate(capacity: tokens * weights.width)
    value = .allocate(capacity: (history + tokens) * weights.width)
    scale = .allocate(capacity: (history + tokens) * weights.branches)
    gate = .allocate(capacity: tokens * weights.branches)
    for (index, number) in state.values.enumerated() { value[index] = number }
    for (index, number) in state.scales.enumerated() { scale[index] = number }
  }

  func deallocate() {
    key.deallocate()
    value.deallocate()
    scale.deallocate()
    gate.deallocate()
  }

  /// Copies the history that the last block left.
  func save(to state: inout ConvolutionState) {
    for index in state.values.indices { state.values[index] = value[index] }
    for index in state.scales.indices { state.scales[index] = scale[index] }
  }

  /// Fuses the next `tokens` tokens. Arrays as in `EngramFusion.forward`, from the block's first
  /// token on.
  func forward(
    _ tokens: Int, hidden: UnsafePointer<Float>, rows: UnsafePointer<Float>,
    mask: UnsafePointer<UInt8>?, gate gateOutput: UnsafeMutablePointer<Float>?,
    delta: UnsafeMutablePointer<Float>?, output: UnsafeMutablePointer<Float>?
  ) {
    for branch in 0..<weights.branches {
      project(branch, tokens, rows: rows, to: key)
      inParallel(tokens) { part in
        weights.gate.writeGates(
          branch: branch, tokens: part, key: key, hidden: hidden, mask: mask, gate: gate)
      }
    }
    gateOutput?.update(from: gate, count: tokens * weights.branches)
    guard delta != nil || output != nil || history > 0 else { return }
    let current = value + history * weights.width
    project(weights.branches, tokens, rows: rows, to: current)
    if let convolution = weights.convolution {
      convolve(tokens, convolution, hidden: hidden, delta: delta, output: output)
    } else {
      inParallel(tokens) { part in
        let at = part.lowerBound * weights.branches * weights.width
        engram_fuse_add(
          part.count, weights.branches, weights.width,
          current + part.lowerBound * weights.width, gate + part.lowerBound * weights.branches,
          hidden + at, delta.map { $0 + at }, output.map { $0 + at })
      }
    }
  }

  private func convolve(
    _ tokens: Int, _ convolution: ShortConvolution, hidden: UnsafePointer<Float>,
    delta: UnsafeMutablePointer<Float>?, output: UnsafeMutablePointer<Float>?
  ) {
    let (branches, width) = (weights.branches, weights.width)
    let currentValue = value + history * width
    let currentScale = scale + history * branches
    inParallel(tokens) { part in
      withOptionalPointer(to: weights.gate.bias) { bias in
        engram_fuse_scale_values(
          part.count, branches, width, currentValue + part.lowerBound * width,
          bias.map { $0 + branches * width }, gate + part.lowerBound * branches,
          convolution.epsilon, currentScale + part.lowerBound * branches)
      }
    }
    inParallel(tokens) { part in
      let at = part.lowerBound * branches * width
      convolution.taps.withUnsafeBufferPointer { taps in
        engram_fuse_convolve(
          part.count, branches, width, convolution.kernel, convolution.dilation,
          currentValue + part.lowerBound * width, currentScale + part.lowerBound * branches,
          taps.baseAddress, gate + part.lowerBound * branches, hidden + at,
          delta.map { $0 + at }, output.map { $0 + at })
      }
    }
    value.update(from: value + tokens * width, count: history * width)
    scale.update(from: scale + tokens * branches, count: history * branches)
  }

  /// Multiplies the rows with the weights of one branch's key; of the value for branch M.
  private func project(
    _ branch: Int, _ tokens: Int, rows: UnsafePointer<Float>,
    to result: UnsafeMutablePointer<Float>
  ) {
    let (width, inputs) = (weights.width, weights.inputs)
    weights.gate.projection.withUnsafeBufferPointer { projection in
      MatrixProduct.multiply(
        inputs: rows, weights: projection.baseAddress! + branch * width * inputs, result: result,
        tokens: tokens, rows: width, columns: inputs, threads: fusion.threads)
    }
  }

  /// Calls `body` with parts of `0..<tokens`, one a thread; small blocks stay on this one.
  private func inParallel(_ tokens: Int, _ body: (Range<Int>) -> Void) {
    let parts = min(fusion.threads, tokens / 16)
    guard parts > 1 else { return body(0..<tokens) }
    withoutActuallyEscaping(body) { body in
      // Each part writes its own tokens only, and all are done when this returns.
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: parts) { part in
        body(tokens * part / parts..<tokens * (part + 1) / parts)
      }
    }
  }
}
