import CKernels
import Foundation
import SeededRandom
import Testing

/// The kernels against the plainest reading of each format.
@Suite struct CodecTests {
  private static func same(_ a: Float, _ b: Float) -> Bool {
    a.isNaN ? b.isNaN : a.bitPattern == b.bitPattern
  }

  @Test func everyCodeWithEveryScale() {
    // Eight groups of 32 hold all 256 codes.
    var row = (0..<256).map { UInt8($0) } + [UInt8](repeating: 0, count: 8)
    var out = [Float](repeating: 0, count: 256)
    var short = [UInt16](repeating: 0, count: 256)
    for scale in 0...255 as ClosedRange<UInt8> {
      for group in 0..<8 { row[256 + group] = scale }
      engram_decode_f32(ENGRAM_CODEC_FP8E4M3_E8M0X32, row, 1, 256, 1, &out)
      engram_decode_bf16(ENGRAM_CODEC_FP8E4M3_E8M0X32, row, 1, 256, 1, &short)
      for code in 0..<256 {
        let exact = Float(PlainE4M3.value(of: UInt8(code)) * PlainE4M3.scale(scale))
        #expect(Self.same(out[code], exact), "code \(code) scale \(scale)")
        #expect(short[code] == Self.roundedToBFloat16(out[code]))
      }
    }
  }

  /// Rows whose last group has fewer than 32 codes, beside those that have none such.
  @Test(arguments: [1, 16, 31, 32, 33, 48, 64, 95, 160])
  func theLastScaleIsForWhatIsLeft(dimension: Int) {
    var generator = SeededGenerator(seed: UInt64(dimension))
    let scales = (dimension + 31) / 32
    let rowBytes = dimension + scales
    let rows = (0..<5 * rowBytes).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    // One number more than there should be: it must stay as it is.
    var out = [Float](repeating: 7, count: 5 * dimension + 1)
    var short = [UInt16](repeating: 7, count: 5 * dimension + 1)
    engram_decode_f32(ENGRAM_CODEC_FP8E4M3_E8M0X32, rows, 5, dimension, 1, &out)
    engram_decode_bf16(ENGRAM_CODEC_FP8E4M3_E8M0X32, rows, 5, dimension, 1, &short)
    for index in 0..<5 * dimension {
      let row = index / dimension * rowBytes
      let code = index % dimension
      let exact = Float(
        PlainE4M3.value(of: rows[row + code])
          * PlainE4M3.scale(rows[row + dimension + code / 32]))
      #expect(Self.same(out[index], exact), "number \(index)")
      #expect(short[index] == Self.roundedToBFloat16(out[index]))
    }
    #expect(out.last == 7 && short.last == 7)
  }

  /// Round to nearest, ties to even, by trying both neighbours.
  private static func roundedToBFloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let below = UInt16(bits >> 16)
    if value.isNaN { return below | 0x40 }
    let rest = bits & 0xFFFF
    if rest > 0x8000 || (rest == 0x8000 && below & 1 == 1) { return below &+ 1 }
    return below
  }

  @Test func everyHalf() {
    let codes = (0...UInt16.max).map { $0 }
    var out = [Float](repeating: 0, count: codes.count)
    codes.withUnsafeBytes {
      engram_decode_f32(
        ENGRAM_CODEC_F16, $0.baseAddress!.assumingMemoryBound(to: UInt8.self), 1, codes.count, 1,
        &out)
    }
    for code in codes {
      let magnitude = code & 0x7FFF
      let sign: Float = code & 0x8000 == 0 ? 1 : -1
      let exponent = Int(magnitude >> 10)
      let mantissa = Float(magnitude & 1023) / 1024
      let expected: Float =
        switch exponent {
        case 0: sign * mantissa * 0x1p-14
        case 31: mantissa == 0 ? sign * .infinity : .nan
        default: sign * (1 + mantissa) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
        }
      #expect(Self.same(out[Int(code)], expected), "code \(code)")
    }
  }

  @Test func plainCodecs() {
    let values: [Float] = [
      0, -0.0, 1, -1.5, 3.14159, .infinity, Float(bitPattern: 71_362), 65504, .nan, 1.00390625,
    ]
    var out = [Float](repeating: 0, count: values.count)
    var short = [UInt16](repeating: 0, count: values.count)
    values.withUnsafeBytes {
      let bytes = $0.baseAddress!.assumingMemoryBound(to: UInt8.self)
      engram_decode_f32(ENGRAM_CODEC_F32, bytes, 1, values.count, 1, &out)
      engram_decode_bf16(ENGRAM_CODEC_F32, bytes, 1, values.count, 1, &short)
    }
    #expect(zip(values, out).allSatisfy { Self.same($0, $1) })
    #expect(short == values.map { Self.roundedToBFloat16($0) })
    short.withUnsafeBytes {
      engram_decode_f32(
        ENGRAM_CODEC_BF16, $0.baseAddress!.assumingMemoryBound(to: UInt8.self), 1, values.count, 1,
        &out)
    }
    #expect(
      zip(short, out).allSatisfy { Float(bitPattern: UInt32($0) << 16).bitPattern == $1.bitPattern }
    )
    let codes = (0..<256).map { UInt8($0) }
    var scaled = [Float](repeating: 0, count: 256)
    engram_decode_f32(ENGRAM_CODEC_FP8E4M3, codes, 1, 256, 0.5, &scaled)
    for code in 0..<256 {
      #expect(Self.same(scaled[code], Float(PlainE4M3.value(of: UInt8(code)) * 0.5)))
    }
  }

  @Test func checksumInstructionAndTableAgree() {
    #expect(engram_crc32c(0, "123456789", 9) == 0xE306_9283)
    var generator = SeededGenerator(seed: 9)
    for count in [0, 1, 7, 8, 9, 63, 264, 1000, 6143, 6144, 6145, 12_288, 50_001] {
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      let start = UInt32(truncatingIfNeeded: generator.next())
      #expect(
        engram_crc32c(start, bytes, count) == engram_crc32c_portable(start, bytes, count))
    }
  }
}
