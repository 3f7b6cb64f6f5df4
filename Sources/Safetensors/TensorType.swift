/// The element types of the safetensors format that this target reads and writes, by the names
/// they have in a header.
public enum TensorType: String, Sendable, Hashable, CaseIterable {
  case bool = "BOOL"
  case u8 = "U8"
  case i8 = "I8"
  /// 8-bit float, 5 exponent and 2 mantissa bits.
  case f8e5m2 = "F8_E5M2"
  /// 8-bit float, 4 exponent and 3 mantissa bits, no infinities.
  case f8e4m3 = "F8_E4M3"
  /// A power of two, 2^(x - 127); 255 is not a number.
  case f8e8m0 = "F8_E8M0"
  case i16 = "I16"
  case u16 = "U16"
  case f16 = "F16"
  case bf16 = "BF16"
  case i32 = "I32"
  case u32 = "U32"
  case f32 = "F32"
  case f64 = "F64"
  case i64 = "I64"
  case u64 = "U64"

  /// Bytes an element takes.
  public var byteCount: Int {
    switch self {
    case .bool, .u8, .i8, .f8e5m2, .f8e4m3, .f8e8m0: 1
    case .i16, .u16, .f16, .bf16: 2
    case .i32, .u32, .f32: 4
    case .f64, .i64, .u64: 8
    }
  }

  /// The place of the type in a canonical header: tensors are laid out from high to low, so that
  /// wide elements come first and stay aligned. The order is that of the Python library.
  var layoutRank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
