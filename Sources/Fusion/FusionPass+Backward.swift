import CKernels

extension FusionPass {
  /// The gradients of a batch, after `forward` of the same batch with the same parameters.
  ///
  /// The gradient of a gate's root is 0 where its argument is clamped, and a masked token's gates
  /// pass nothing on.
  ///
  /// - Parameter outputGradient: of the fused hidden states, [tokens, M, D].
  /// - Parameter hiddenGradient: written, [tokens, M, D], through the residual path too; may be
  ///   the memory of `outputGradient`.
  /// - Parameter rowsGradient: written, [tokens, E].
  /// - Parameter parameterGradient: added to; as `FusionParameters.values`.
  /// - Complexity: 4 (M + 1) D E operations a token.
  public func backward(
    tokens: Int, sequences: [Int], parameters: UnsafePointer<Float>,
    hidden: UnsafePointer<Float>, rows: UnsafePointer<Float>, mask: UnsafePointer<UInt8>?,
    outputGradient: UnsafePointer<Float>, hiddenGradient: UnsafeMutablePointer<Float>,
    rowsGradient: UnsafeMutablePointer<Float>, parameterGradient: UnsafeMutablePointer<Float>
  ) {
    check(tokens, sequences)
    let (branches, width, stride) = (shape.branches, shape.width, shape.projections)
    valueBackward(tokens, sequences, outputGradient: outputGradient)
    memory.weightGradient.update(repeating: 0, count: shape.channels)
    engram_fuse_gates_backward(
      tokens, branches, width, stride, memory.projected, hidden, memory.weight, memory.gate,
      memory.dot, memory.keyScale, memory.hiddenScale, memory.gateGradient, outputGradient,
      memory.projectedGradient, hiddenGradient, memory.weightGradient)
    if !layout.bias.isEmpty {
      engram_fuse_add_rows(
        tokens, stride, memory.projectedGradient, parameterGradient + layout.bias.lowerBound)
    }
    MatrixProduct.product(
      memory.projectedGradient, transposed: false, parameters + layout.projection.lowerBound,
      transposed: false, rows: tokens, columns: shape.inputs, inner: stride, into: rowsGradient)
    MatrixProduct.product(
      memory.projectedGradient, transposed: true, rows, transposed: false, rows: stride,
      columns: shape.inputs, inner: tokens, accumulate: true,
      into: parameterGradient + layout.projection.lowerBound)
    unfold(parameters, into: parameterGradient)
  }

  /// The gradients of values, gates and taps.
  private func valueBackward(
    _ tokens: Int, _ sequences: [Int], outputGradient: UnsafePointer<Float>
  ) {
    let (branches, width, stride) = (shape.branches, shape.width, shape.projections)
    let value = memory.projected + shape.channels
    let valueGradient = memory.projectedGradient + shape.channels
    guard shape.form.hasConvolution else {
      return engram_fuse_add_backward(
        tokens, branches, width, stride, value, memory.gate, outputGradient, valueGradient,
        memory.gateGradient)
    }
    engram_fuse_silu_backward(
      tokens * shape.channels, memory.sum, outputGradient, memory.sumGradient)
    memory.tapsGradient.update(repeating: 0, count: shape.channels * shape.kernel)
    forEachSequence(sequences) { first, count in
      let (gates, channels) = (first * branches, first * shape.channels)
      engram_fuse_convolve_backward(
        count, branches, width, stride, shape.kernel, shape.dilation, value + first * stride,
        memory.gate + gates, memory.root + gates, memory.scale + gates, memory.taps,
        shape.form.convolutionEpsilon, outputGradient + channels, memory.sumGradient + channels,
        valueGradient + first * stride, memory.gateGradient + gates, memory.tapsGradient,
        memory.scratch)
    }
  }

  /// Adds the gradients of the norms' weights and of the taps, from those of their products.
  private func unfold(
    _ parameters: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) {
    let offset = shape.form.normOffset
    let (key, query) = (layout.keyNorm.lowerBound, layout.queryNorm.lowerBound)
    for channel in 0..<shape.channels {
      let above = memory.weightGradient[channel]
      gradient[key + channel] += above * (parameters[query + channel] + offset)
      gradient[query + channel] += above * (parameters[key + channel] + offset)
    }
    let (norm, taps) = (layout.convolutionNorm.lowerBound, layout.taps.lowerBound)
    for k in 0..<shape.kernel {
      for channel in 0..<shape.channels {
        let above = memory.tapsGradient[k * shape.channels + channel]
        let tap = channel * shape.kernel + k
        gradient[norm + channel] += above * parameters[taps + tap]
        gradient[taps + tap] += above * (parameters[norm + channel] + offset)
      }
    }
  }
}
