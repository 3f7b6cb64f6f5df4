import Safetensors

/// The numbers that files of vectors hold, little-endian.
enum NumberType: Sendable {
  case float16
  case bfloat16
  case float32
  case float64

  /// The type of a safetensors tensor; `nil` where it holds no floating-point numbers.
  init?(_ type: TensorType) {
    switch type {
    case .f16: self = .float16
    case .bf16: self = .bfloat16
    case .f32: self = .float32
    case .f64: self = .float64
    default: return nil
    }
  }

  /// Bytes of a number.
  var size: Int {
    switch self {
    case .float16, .bfloat16: 2
    case .float32: 4
    case .float64: 8
    }
  }

  /// The numbers that begin at `start`; an F64 is rounded.
  func read(_ start: UnsafeRawPointer, count: Int) -> [Float] {
    func map<Bits: FixedWidthInteger & BitwiseCopyable>(
      _: Bits.Type, _ number: (Bits) -> Float
    ) -> [Float] {
      (0..<count).map { index in
        let bits = start.loadUnaligned(
          fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
        return number(Bits(littleEndian: bits))
      }
    }
    return switch self {
    case .float16: map(UInt16.self) { Float(Float16(bitPattern: $0)) }
    case .bfloat16: map(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .float32: map(UInt32.self) { Float(bitPattern: $0) }
    case .float64: map(UInt64.self) { Float(Double(bitPattern: $0)) }
    }
  }
}
