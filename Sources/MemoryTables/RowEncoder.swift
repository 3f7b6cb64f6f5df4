import CKernels

/// Turns numbers into rows of a codec: each number becomes the nearest that the codec has, ties
/// to even.
///
///     let encoder = try RowEncoder(codec: .fp8E4M3ScaledBy32, dimension: 16)
///     encoder.encode(values, count: rows, into: slots, stride: encoder.rowBytes + 4)
///
/// A finite number stays finite: what is larger than the codec's largest number becomes that.
/// Infinities stay in `bf16`, `f16` and `f32` and become the largest number of the FP8 codecs;
/// NaN stays NaN. A row of zeros (+0) is all zero bytes, as a table keeps it without storing it.
public struct RowEncoder: Sendable {
  /// How the numbers are stored.
  public let codec: RowCodec
  /// Numbers in a row.
  public let dimension: Int
  /// The table-wide scale of codec `fp8e4m3`; others ignore it.
  public let scale: Float
  /// Bytes of an encoded row.
  public let rowBytes: Int

  /// An encoder of rows of `dimension` numbers.
  ///
  /// - Parameter scale: the table-wide scale of codec fp8e4m3; others ignore it.
  /// - Throws: `TableError.cannotEncode` where the codec cannot hold that many numbers, or the
  ///   scale of codec fp8e4m3 is not a positive number.
  public init(codec: RowCodec, dimension: Int, scale: Float = 1) throws(TableError) {
    guard let rowBytes = codec.rowBytes(dimension: dimension) else {
      throw .cannotEncode(codec: codec, reason: "it cannot hold rows of \(dimension) numbers")
    }
    guard codec != .fp8E4M3 || (scale.isFinite && scale > 0) else {
      throw .cannotEncode(codec: codec, reason: "its scale is \(scale)")
    }
    self.codec = codec
    self.dimension = dimension
    self.scale = scale
    self.rowBytes = rowBytes
  }

  /// Encodes `count` rows [count, dimension] into places `stride` bytes apart.
  ///
  /// - Parameter stride: at least `rowBytes`; bytes between rows are left as they are.
  /// - Complexity: O(count * dimension), at a few numbers a nanosecond.
  public func encode(
    _ values: UnsafePointer<Float>, count: Int, into slots: UnsafeMutableRawPointer, stride: Int
  ) {
    precondition(count >= 0 && stride >= rowBytes)
    engram_encode_f32(
      codec.kernel, values, count, dimension, scale,
      slots.assumingMemoryBound(to: UInt8.self), stride)
  }

  /// The numbers that readers of encoded rows get, shape [count, dimension].
  ///
  /// - Parameter rows: `count` rows of `rowBytes` bytes, one after another.
  public func decode(
    _ rows: UnsafeRawPointer, count: Int, into values: UnsafeMutablePointer<Float>
  ) {
    precondition(count >= 0)
    engram_decode_f32(
      codec.kernel, rows.assumingMemoryBound(to: UInt8.self), count, dimension, scale, values)
  }

  /// The scale of codec `fp8e4m3` for a table whose largest finite magnitude is this: that number
  /// becomes the largest code, 448. 1 for a table of zeros.
  public static func tableScale(largestMagnitude: Float) -> Float {
    guard largestMagnitude > 0, largestMagnitude.isFinite else { return 1 }
    let scale = max(largestMagnitude / 448, Float.leastNormalMagnitude)
    return (scale * 448).isFinite ? scale : scale.nextDown
  }
}
