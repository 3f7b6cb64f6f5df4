/// The arrays that a `FusionPass` keeps from its forward to its backward pass: T is its capacity.
struct FusionMemory {
  /// [T, M + 1, D]: keys of all branches and the value, biases added; and their gradient.
  let projected: UnsafeMutablePointer<Float>
  let projectedGradient: UnsafeMutablePointer<Float>
  /// [T, M] each.
  let gate: UnsafeMutablePointer<Float>
  let gateGradient: UnsafeMutablePointer<Float>
  let dot: UnsafeMutablePointer<Float>
  let keyScale: UnsafeMutablePointer<Float>
  let hiddenScale: UnsafeMutablePointer<Float>
  /// [T, M] each: what turns a value into the convolution's input.
  let root: UnsafeMutablePointer<Float>
  let scale: UnsafeMutablePointer<Float>
  /// [T, M, D]: the convolution's sums, and their gradient.
  let sum: UnsafeMutablePointer<Float>
  let sumGradient: UnsafeMutablePointer<Float>
  /// [M, D]: the product of the key's and the hidden state's norm weights, and its gradient.
  let weight: UnsafeMutablePointer<Float>
  let weightGradient: UnsafeMutablePointer<Float>
  /// [K, M, D]: the taps times the norm's weight, and their gradient.
  let taps: UnsafeMutablePointer<Float>
  let tapsGradient: UnsafeMutablePointer<Float>
  /// [D].
  let scratch: UnsafeMutablePointer<Float>

  private let base: UnsafeMutablePointer<Float>

  init(_ shape: FusionShape, tokens: Int) {
    // Each array starts on a cache line.
    func lines(_ count: Int) -> Int { (count + 15) & ~15 }
    let projections = lines(tokens * shape.projections)
    let gates = lines(tokens * shape.branches)
    let sums = shape.kernel == 0 ? 0 : lines(tokens * shape.channels)
    let (channels, taps) = (lines(shape.channels), lines(shape.channels * shape.kernel))
    let sizes =
      [projections, projections] + [Int](repeating: gates, count: 7)
      + [sums, sums, channels, channels, taps, taps, lines(shape.width)]
    let count = sizes.reduce(0, +)
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
    let base = memory.bindMemory(to: Float.self, capacity: count)
    base.initialize(repeating: 0, count: count)
    var starts: [UnsafeMutablePointer<Float>] = []
    var next = base
    for size in sizes {
      starts.append(next)
      next += size
    }
    self.base = base
    (projected, projectedGradient) = (starts[0], starts[1])
    (gate, gateGradient, dot) = (starts[2], starts[3], starts[4])
    (keyScale, hiddenScale) = (starts[5], starts[6])
    (root, scale) = (starts[7], starts[8])
    (sum, sumGradient) = (starts[9], starts[10])
    (weight, weightGradient) = (starts[11], starts[12])
    (self.taps, tapsGradient, scratch) = (starts[13], starts[14], starts[15])
  }

  func deallocate() { UnsafeMutableRawPointer(base).deallocate() }
}
