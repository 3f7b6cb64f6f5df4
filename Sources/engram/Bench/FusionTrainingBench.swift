import Fusion
import SeededRandom

/// What training a fusion costs a token on one thread: the matrix products alone, and with the
/// rest of a forward and a backward pass.
struct FusionTrainingBench {
  let shape: FusionShape
  let tokens: Int
  let repeats: Int

  var title: String {
    "\(shape.form.rawValue) D \(shape.width) M \(shape.branches) E \(shape.inputs)"
  }

  /// Median seconds a token.
  struct Times {
    var products: Double
    var passes: Double
    /// Floating-point operations of the products, a token.
    var operations: Double
  }

  func measure() throws -> Times {
    MatrixProduct.useThreads(1)
    let arrays = Arrays(shape, tokens: tokens)
    defer { arrays.deallocate() }
    let pass = FusionPass(shape: shape, tokens: tokens)
    // Four sequences, as a batch of documents has.
    let sequences = (0..<4).map { tokens * ($0 + 1) / 4 - tokens * $0 / 4 }
    let times = try Measure.medians(
      [
        Measure.Candidate(name: "products") { arrays.products() },
        Measure.Candidate(name: "passes") { arrays.passes(pass, sequences) },
      ], rounds: repeats)
    let matrix = (shape.branches + 1) * shape.width * shape.inputs
    return Times(
      products: times[0] / Double(tokens), passes: times[1] / Double(tokens),
      operations: Double(6 * matrix))
  }

  /// A batch's inputs and results.
  private struct Arrays {
    let shape: FusionShape
    let tokens: Int
    let parameters: UnsafeMutablePointer<Float>
    let gradient: UnsafeMutablePointer<Float>
    let hidden: UnsafeMutablePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let hiddenGradient: UnsafeMutablePointer<Float>
    let rows: UnsafeMutablePointer<Float>
    let rowsGradient: UnsafeMutablePointer<Float>
    let projected: UnsafeMutablePointer<Float>

    init(_ shape: FusionShape, tokens: Int) {
      var random = SeededGenerator(seed: 1)
      func numbers(_ count: Int) -> UnsafeMutablePointer<Float> {
        let array = UnsafeMutablePointer<Float>.allocate(capacity: count)
        for index in 0..<count {
          array[index] = Float(random.next() >> 40) * 0x1p-23 - 1
        }
        return array
      }
      let start = FusionParameters(shape: shape, seed: 1).values
      let channels = shape.branches * shape.width
      self.shape = shape
      self.tokens = tokens
      parameters = .allocate(capacity: start.count)
      parameters.initialize(from: start, count: start.count)
      gradient = .allocate(capacity: start.count)
      gradient.initialize(repeating: 0, count: start.count)
      hidden = numbers(tokens * channels)
      output = numbers(tokens * channels)
      hiddenGradient = numbers(tokens * channels)
      rows = numbers(tokens * shape.inputs)
      rowsGradient = numbers(tokens * shape.inputs)
      projected = numbers(tokens * (channels + shape.width))
    }

    func deallocate() {
      for array in [
        parameters, gradient, hidden, output, hiddenGradient, rows, rowsGradient, projected,
      ] { array.deallocate() }
    }

    func products() {
      let columns = (shape.branches + 1) * shape.width
      MatrixProduct.product(
        rows, transposed: false, parameters, transposed: true, rows: tokens, columns: columns,
        inner: shape.inputs, into: projected)
      MatrixProduct.product(
        projected, transposed: false, parameters, transposed: false, rows: tokens,
        columns: shape.inputs, inner: columns, into: rowsGradient)
      MatrixProduct.product(
        projected, transposed: true, rows, transposed: false, rows: columns,
        columns: shape.inputs, inner: tokens, accumulate: true, into: gradient)
    }

    func passes(_ pass: FusionPass, _ sequences: [Int]) {
      pass.forward(
        tokens: tokens, sequences: sequences, parameters: parameters, hidden: hidden, rows: rows,
        mask: nil, output: output)
      pass.backward(
        tokens: tokens, sequences: sequences, parameters: parameters, hidden: hidden, rows: rows,
        mask: nil, outputGradient: hidden, hiddenGradient: hiddenGradient,
        rowsGradient: rowsGradient, parameterGradient: gradient)
    }
  }
}
