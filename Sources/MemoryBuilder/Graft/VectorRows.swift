import MemoryTables
import Safetensors

/// The vectors of a tensor [N-grams, width] as rows in another order, encoded on the way.
struct VectorRows: RowSource {
  let file: SafetensorsFile
  let tensor: TensorDescription
  /// Which vector each row is.
  let order: [Int]
  let encoder: RowEncoder

  /// Numbers in a vector.
  private var width: Int { encoder.dimension }

  /// - Throws: `GraftError.notFinite` for the first number that is NaN or infinite.
  func copyRows(
    _ rows: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int
  ) throws {
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { vector in
      for row in rows {
        try read(order[row], into: vector)
        encoder.encode(
          UnsafePointer(vector.baseAddress!), count: 1,
          into: slots + (row - rows.lowerBound) * stride, stride: stride)
      }
    }
  }

  /// The largest magnitude of all numbers.
  ///
  /// - Throws: as `copyRows`.
  func largestMagnitude() throws -> Float {
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { vector in
      var largest: Float = 0
      for place in order.indices {
        try read(place, into: vector)
        largest = vector.reduce(largest) { max($0, abs($1)) }
      }
      return largest
    }
  }

  private func read(_ place: Int, into vector: UnsafeMutableBufferPointer<Float>) throws {
    file.withUnsafeBytes(of: tensor) { bytes in
      let start = place * width * tensor.type.byteCount
      for index in 0..<width {
        let at = start + index * tensor.type.byteCount
        vector[index] =
          switch tensor.type {
          case .f16:
            Float(Float16(bitPattern: Self.load(bytes, at, as: UInt16.self)))
          case .bf16: Float(bitPattern: UInt32(Self.load(bytes, at, as: UInt16.self)) << 16)
          case .f64: Float(Double(bitPattern: Self.load(bytes, at, as: UInt64.self)))
          default: Float(bitPattern: Self.load(bytes, at, as: UInt32.self))
          }
      }
    }
    if let column = vector.firstIndex(where: { !$0.isFinite }) {
      throw GraftError.notFinite(
        path: file.path, row: place, column: column, value: vector[column])
    }
  }

  private static func load<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, as: Bits.Type
  ) -> Bits {
    Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Bits.self))
  }
}
