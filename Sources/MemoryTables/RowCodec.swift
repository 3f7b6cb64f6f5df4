import CKernels

/// How the numbers of a row are stored. Rows are opaque bytes to the store; codecs matter to
/// decoded gathers and to fusion.
public enum RowCodec: String, Codable, Hashable, Sendable, CaseIterable {
  /// E4M3 codes, then one E8M0 scale for each 32 codes, the last one for what is left; value =
  /// e4m3 * 2^(e8m0 - 127).
  case fp8E4M3ScaledBy32 = "fp8e4m3-e8m0x32"
  /// E4M3 codes; one float scale for the whole table.
  case fp8E4M3 = "fp8e4m3"
  /// bfloat16.
  case bfloat16 = "bf16"
  /// IEEE half precision.
  case float16 = "f16"
  /// IEEE single precision.
  case float32 = "f32"

  /// Bytes of a row of `dimension` numbers; `nil` where the codec cannot hold that many.
  public func rowBytes(dimension: Int) -> Int? {
    guard dimension > 0, dimension <= 1 << 20 else { return nil }
    switch self {
    case .fp8E4M3ScaledBy32: return dimension + (dimension + 31) / 32
    case .fp8E4M3: return dimension
    case .bfloat16, .float16: return dimension * 2
    case .float32: return dimension * 4
    }
  }

  var kernel: engram_codec {
    switch self {
    case .fp8E4M3ScaledBy32: ENGRAM_CODEC_FP8E4M3_E8M0X32
    case .fp8E4M3: ENGRAM_CODEC_FP8E4M3
    case .bfloat16: ENGRAM_CODEC_BF16
    case .float16: ENGRAM_CODEC_F16
    case .float32: ENGRAM_CODEC_F32
    }
  }
}
