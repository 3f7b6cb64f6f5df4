import Foundation

/// FP8 by its definition, in double precision, for tests of what decodes and encodes it.
enum PlainE4M3 {
  /// The number of a code: 1 sign, 4 exponent (bias 7) and 3 mantissa bits; NaN for 0x7F, 0xFF.
  static func value(of code: UInt8) -> Double {
    let magnitude = code & 0x7F
    if magnitude == 0x7F { return .nan }
    let sign = code & 0x80 == 0 ? 1.0 : -1.0
    let exponent = Int(magnitude >> 3)
    let mantissa = Double(magnitude & 7) / 8
    return exponent == 0
      ? sign * mantissa * pow(2, -6) : sign * (1 + mantissa) * pow(2, Double(exponent - 7))
  }

  /// All codes that are numbers.
  static let codes = (0...255 as ClosedRange<UInt8>).filter { $0 & 0x7F != 0x7F }

  /// The distance from a number to the nearest code's.
  static func distance(to value: Double) -> Double {
    codes.map { abs(Self.value(of: $0) - value) }.min() ?? .nan
  }

  /// 2^(code - 127); 255 is NaN.
  static func scale(_ code: UInt8) -> Double { code == 255 ? .nan : pow(2, Double(code) - 127) }
}
