import CKernels

/// A weight as it comes out of a checkpoint: a shape and float32 values, row-major.
public struct FusionTensor: Sendable {
  /// The dimensions, outermost first.
  public let shape: [Int]
  /// The values; as many as the product of the dimensions, which `FusionWeights` checks.
  public let values: [Float]

  /// A tensor of these values.
  public init(shape: [Int], values: [Float]) {
    self.shape = shape
    self.values = values
  }

  /// Decodes an FP8 E4M3 matrix that has one E8M0 scale for every block of 32 x 32.
  ///
  /// - Parameter codes: shape [rows, columns].
  /// - Parameter scales: shape [rows / 32, columns / 32], both rounded up; 2^(x - 127) each, 255
  ///   is not a number.
  /// - Parameter name: what an error calls the matrix.
  /// - Throws: `FusionError.elementCount`, `.impossibleShape` where the counts disagree.
  /// - Complexity: linear; the result takes 4 bytes a code.
  public init(
    fp8 codes: UnsafeBufferPointer<UInt8>, scales: UnsafeBufferPointer<UInt8>, rows: Int,
    columns: Int, name: String
  ) throws(FusionError) {
    guard rows > 0, columns > 0, rows < 1 << 31, columns < 1 << 31 else {
      throw .impossibleShape(
        tensor: name, found: [rows, columns], expected: "two dimensions from 1 to 2^31 - 1")
    }
    guard codes.count == rows * columns else {
      throw .elementCount(tensor: name, shape: [rows, columns], values: codes.count)
    }
    let scaleShape = [(rows + 31) / 32, (columns + 31) / 32]
    guard scales.count == scaleShape[0] * scaleShape[1] else {
      throw .elementCount(tensor: name + " (scales)", shape: scaleShape, values: scales.count)
    }
    shape = [rows, columns]
    values = [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
      engram_fuse_decode_fp8(
        codes.baseAddress, scales.baseAddress, columns, 0, rows, buffer.baseAddress)
      count = rows * columns
    }
  }
}
