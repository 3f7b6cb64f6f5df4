import CKernels

/// One thread's working memory for forward and backward passes over batches.
///
///     let pass = FusionPass(shape: shape, tokens: 1024)
///     pass.forward(tokens: 1000, sequences: [600, 400], parameters: ..., output: output)
///     pass.backward(tokens: 1000, sequences: [600, 400], parameters: ..., ...)
///
/// It starts no threads; matrix products run on those that `MatrixProduct.useThreads` set. What
/// `forward` writes is what `EngramFusion.forward` does, up to rounding. Sizes that do not fit
/// each other stop the program: they are the caller's mistake, never a file's.
public final class FusionPass {
  /// Which fusion it computes.
  public let shape: FusionShape
  /// The most tokens in a batch.
  public let capacity: Int

  let layout: FusionLayout
  let memory: FusionMemory

  /// - Parameter capacity: the most tokens in a batch, at least 1. Memory: about
  ///   `capacity x (2 (M + 1) D + 2 M D) x 4` bytes.
  public init(shape: FusionShape, tokens capacity: Int) {
    precondition(capacity > 0, "a pass over no tokens")
    self.shape = shape
    self.capacity = capacity
    layout = FusionLayout(shape)
    memory = FusionMemory(shape, tokens: capacity)
  }

  deinit { memory.deallocate() }

  /// Fuses a batch.
  ///
  /// - Parameter sequences: lengths of the sequences that the batch is cut into, `tokens` in all;
  ///   the convolution starts anew in each.
  /// - Parameter parameters: as `FusionParameters.values`.
  /// - Parameter hidden: hidden states, [tokens, M, D].
  /// - Parameter rows: the tokens' rows, decoded and concatenated, [tokens, E].
  /// - Parameter mask: [tokens], 0 where a token has no row: its gates are 0. `nil`: all have.
  /// - Parameter output: the fused hidden states, [tokens, M, D]; may be the memory of `hidden`
  ///   only where no backward pass follows.
  /// - Complexity: 2 (M + 1) D E operations a token.
  public func forward(
    tokens: Int, sequences: [Int], parameters: UnsafePointer<Float>,
    hidden: UnsafePointer<Float>, rows: UnsafePointer<Float>, mask: UnsafePointer<UInt8>?,
    output: UnsafeMutablePointer<Float>
  ) {
    check(tokens, sequences)
    let (branches, width, stride) = (shape.branches, shape.width, shape.projections)
    fold(parameters)
    MatrixProduct.product(
      rows, transposed: false, parameters + layout.projection.lowerBound, transposed: true,
      rows: tokens, columns: stride, inner: shape.inputs, into: memory.projected)
    if !layout.bias.isEmpty {
      engram_fuse_add_bias(
        tokens, stride, parameters + layout.bias.lowerBound, memory.projected)
    }
    engram_fuse_train_gates(
      tokens, branches, width, stride, memory.projected, hidden, memory.weight,
      shape.form.gateEpsilon, mask, memory.gate, memory.dot, memory.keyScale,
      memory.hiddenScale)
    let value = memory.projected + shape.channels
    guard shape.form.hasConvolution else {
      return engram_fuse_train_add(
        tokens, branches, width, stride, value, memory.gate, hidden, output)
    }
    engram_fuse_train_scales(
      tokens, branches, width, stride, value, memory.gate, shape.form.convolutionEpsilon,
      memory.root, memory.scale)
    forEachSequence(sequences) { first, count in
      let (gates, channels) = (first * branches, first * shape.channels)
      engram_fuse_train_convolve(
        count, branches, width, stride, shape.kernel, shape.dilation, value + first * stride,
        memory.gate + gates, memory.scale + gates, memory.taps, hidden + channels,
        memory.sum + channels, output + channels)
    }
  }

  func check(_ tokens: Int, _ sequences: [Int]) {
    precondition((0...capacity).contains(tokens), "\(tokens) tokens, room for \(capacity)")
    precondition(
      sequences.allSatisfy { $0 >= 0 } && sequences.reduce(0, +) == tokens,
      "the sequences do not add up to the batch")
  }

  /// Calls `body` with the first token and the length of each sequence.
  func forEachSequence(_ sequences: [Int], _ body: (Int, Int) -> Void) {
    var first = 0
    for count in sequences {
      body(first, count)
      first += count
    }
  }

  /// Multiplies the norms' weights with each other and with the taps.
  private func fold(_ parameters: UnsafePointer<Float>) {
    let offset = shape.form.normOffset
    let (key, query) = (layout.keyNorm.lowerBound, layout.queryNorm.lowerBound)
    for channel in 0..<shape.channels {
      memory.weight[channel] =
        (parameters[key + channel] + offset) * (parameters[query + channel] + offset)
    }
    let (norm, taps) = (layout.convolutionNorm.lowerBound, layout.taps.lowerBound)
    for k in 0..<shape.kernel {
      for channel in 0..<shape.channels {
        memory.taps[k * shape.channels + channel] =
          parameters[taps + channel * shape.kernel + k] * (parameters[norm + channel] + offset)
      }
    }
  }
}
