import Foundation
import MemoryTables
import SeededRandom
import Testing

/// Encoded rows against a search among all numbers that a codec has.
@Suite struct RowEncoderTests {
  private func encoded(
    _ values: [Float], as codec: RowCodec, rows: Int = 1, scale: Float = 1, stride: Int? = nil
  ) throws -> [UInt8] {
    let encoder = try RowEncoder(codec: codec, dimension: values.count / rows, scale: scale)
    let stride = stride ?? encoder.rowBytes
    var slots = [UInt8](repeating: 0xAA, count: rows * stride)
    slots.withUnsafeMutableBytes {
      encoder.encode(values, count: rows, into: $0.baseAddress!, stride: stride)
    }
    return slots
  }

  /// Numbers of all sizes, random bits among them.
  private static func numbers(_ count: Int, seed: UInt64, exponents: ClosedRange<Int>) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let exponent = Int.random(in: exponents, using: &generator)
      let magnitude = Float.random(in: 1..<2, using: &generator) * Float(exp2(Double(exponent)))
      return Bool.random(using: &generator) ? magnitude : -magnitude
    }
  }

  // MARK: - E4M3

  @Test(arguments: [1, 0.5, 3e-5, 7.25] as [Float])
  func everyE4M3CodeComesBack(scale: Float) throws {
    let codes = (0...255 as ClosedRange<UInt8>).map { $0 }
    let values = codes.map {
      $0 & 0x7F == 0x7F
        ? Float(bitPattern: 0x7FC0_0000 | UInt32($0 & 0x80) << 24)
        : Float(PlainE4M3.value(of: $0)) * scale
    }
    #expect(try encoded(values, as: .fp8E4M3, scale: scale) == codes)
  }

  @Test(arguments: [1, 0.37, 1e-6] as [Float])
  func noE4M3CodeIsNearer(scale: Float) throws {
    // Below the smallest code to beyond the largest.
    let shift = Int(log2(scale).rounded())
    let values = Self.numbers(4000, seed: 1, exponents: (shift - 14)...(shift + 10))
    for (value, code) in zip(values, try encoded(values, as: .fp8E4M3, scale: scale)) {
      let scaled = Double(value) / Double(scale)
      let found = abs(PlainE4M3.value(of: code) - scaled)
      // The quotient is rounded to float32 on the way.
      #expect(found <= PlainE4M3.distance(to: scaled) + 1e-7 * abs(scaled), "\(value) as \(code)")
      #expect(code & 0x80 == (value < 0 ? 0x80 : 0))
    }
  }

  @Test func tiesGoToTheEvenCodeAndLargeNumbersToTheLargest() throws {
    var values: [Float] = []
    var codes: [UInt8] = []
    for code in 0..<0x7E as Range<UInt8> {
      // Halfway between neighbours: the even one of the two.
      values.append(Float((PlainE4M3.value(of: code) + PlainE4M3.value(of: code + 1)) / 2))
      codes.append(code % 2 == 0 ? code : code + 1)
    }
    values += [448, 449, 1e9, .greatestFiniteMagnitude, .infinity, .leastNonzeroMagnitude, 0]
    codes += [0x7E, 0x7E, 0x7E, 0x7E, 0x7E, 0, 0]
    #expect(try encoded(values, as: .fp8E4M3) == codes)
    #expect(try encoded(values.map { -$0 }, as: .fp8E4M3) == codes.map { $0 | 0x80 })
    #expect(try encoded([.nan, -.nan], as: .fp8E4M3).allSatisfy { $0 & 0x7F == 0x7F })
  }

  // MARK: - E4M3 with scales

  private struct Group {
    var codes: ArraySlice<UInt8>
    var scale: UInt8

    func error(_ values: ArraySlice<Float>) -> Double {
      zip(codes, values).reduce(0) {
        let difference = PlainE4M3.value(of: $1.0) * PlainE4M3.scale(scale) - Double($1.1)
        return $0 + difference * difference
      }
    }
  }

  private func groups(of row: ArraySlice<UInt8>, dimension: Int) -> [Group] {
    let start = row.startIndex
    return stride(from: 0, to: dimension, by: 32).map {
      Group(
        codes: row[(start + $0)..<(start + min(dimension, $0 + 32))],
        scale: row[start + dimension + $0 / 32])
    }
  }

  /// The least sum of squares that any scale gives, of those that are near the largest number.
  private func leastError(_ values: ArraySlice<Float>) -> Double {
    let exponent = 127 + Int(log2(values.map(abs).max() ?? 1)) - 8
    return (max(0, exponent - 4)...min(246, exponent + 4)).map { exponent in
      let scale = UInt8(exponent)
      let factor = PlainE4M3.scale(scale)
      return values.reduce(0) {
        let distance = PlainE4M3.distance(to: Double($1) / factor) * factor
        return $0 + distance * distance
      }
    }.min() ?? .nan
  }

  @Test(arguments: [32, 16, 1, 33, 72, 64, 256])
  func noScaleAndNoCodeIsNearer(dimension: Int) throws {
    let rows = max(1, 96 / dimension)
    for (seed, spread) in [(2, -3...3), (3, -12...0), (4, -40 ... -38), (5, 60...61)] {
      let values = Self.numbers(
        rows * dimension, seed: UInt64(seed), exponents: spread.lowerBound...spread.upperBound)
      let rowBytes = dimension + (dimension + 31) / 32
      let bytes = try encoded(values, as: .fp8E4M3ScaledBy32, rows: rows)
      #expect(bytes.count == rows * rowBytes)
      for row in 0..<rows {
        let found = groups(
          of: bytes[(row * rowBytes)..<((row + 1) * rowBytes)], dimension: dimension)
        for (number, group) in found.enumerated() {
          let start = row * dimension + 32 * number
          let part = values[start..<(start + group.codes.count)]
          #expect(group.error(part) <= leastError(part) * 1.0001, "scale \(group.scale)")
        }
      }
    }
  }

  @Test(
    arguments: [
      (448, 127), (464, 127), (464.1, 128), (463.9, 127), (225, 126), (1, 119), (0x1p-118, 1),
      (0x1p-119, 0), (1e-44, 0), (Double(Float.greatestFiniteMagnitude), 246), (1.8e38, 246),
      (.infinity, 246),
    ] as [(Double, UInt8)])
  func aScaleIsTheSmallestThatItsLargestNumberFits(largest: Double, scale: UInt8) throws {
    for place in [0, 17, 31] {
      var values = [Float](repeating: 0, count: 32)
      values[place] = Float(largest)
      let row = try encoded(values, as: .fp8E4M3ScaledBy32)
      #expect(row[32] == scale, "\(largest)")
      // What is finite stays finite; what is infinite becomes so.
      #expect(Float(PlainE4M3.value(of: row[place]) * PlainE4M3.scale(row[32])).isFinite)
    }
  }

  @Test func aNumberThatIsNoneLeavesTheOthersOfItsGroupAlone() throws {
    var values = Self.numbers(40, seed: 6, exponents: -2...2)
    values[3] = 0
    let without = try encoded(values, as: .fp8E4M3ScaledBy32)
    values[3] = .nan
    var with = try encoded(values, as: .fp8E4M3ScaledBy32)
    #expect(with[3] == 0x7F)
    with[3] = 0
    #expect(with == without)
  }

  // MARK: - All codecs

  @Test(arguments: RowCodec.allCases, [1, 16, 32, 50, 160])
  func zerosAreZeroBytesAndSlotsKeepTheirEnds(codec: RowCodec, dimension: Int) throws {
    let encoder = try RowEncoder(codec: codec, dimension: dimension)
    let zeros = try encoded([Float](repeating: 0, count: 3 * dimension), as: codec, rows: 3)
    #expect(zeros == [UInt8](repeating: 0, count: 3 * encoder.rowBytes))
    // Rows in slots are rows on their own; what lies behind them is not touched.
    let values = Self.numbers(3 * dimension, seed: 7, exponents: -5...5)
    let stride = encoder.rowBytes + 4
    let slots = try encoded(values, as: codec, rows: 3, stride: stride)
    for row in 0..<3 {
      let start = row * stride
      let own = try encoded(Array(values[(row * dimension)..<((row + 1) * dimension)]), as: codec)
      #expect(Array(slots[start..<(start + encoder.rowBytes)]) == own)
      #expect(slots[(start + encoder.rowBytes)..<(start + stride)].allSatisfy { $0 == 0xAA })
    }
  }

  @Test func halvesAreTheNearest() throws {
    // Every half comes back, but for what marks a NaN as signalling.
    let all = (0...UInt16.max).map { $0 }
    let words = { (bytes: [UInt8]) in
      stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
    }
    let back = words(try encoded(all.map(Self.half), as: .float16))
    for code in all {
      let isNaN = code & 0x7FFF > 0x7C00
      #expect(back[Int(code)] == (isNaN ? code | 0x200 : code))
    }
    // Between two neighbours: the nearer one; halfway, the even one.
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<3000 {
      let code = UInt16.random(in: 0..<0x7BFF, using: &generator)
      let (low, high) = (Double(Self.half(code)), Double(Self.half(code + 1)))
      let share = [0.5, Double.random(in: 0..<1, using: &generator)].randomElement(
        using: &generator)!
      let value = Float(low + share * (high - low))
      let expected: UInt16 =
        Double(value) - low == high - Double(value)
        ? (code % 2 == 0 ? code : code + 1)
        : Double(value) - low < high - Double(value) ? code : code + 1
      #expect(words(try encoded([value, -value], as: .float16)) == [expected, expected | 0x8000])
    }
    #expect(
      words(try encoded([65520, 1e10, .infinity, -.infinity, 1e-9], as: .float16))
        == [0x7BFF, 0x7BFF, 0x7C00, 0xFC00, 0])
  }

  /// IEEE half by its definition.
  private static func half(_ code: UInt16) -> Float {
    let sign: Float = code & 0x8000 == 0 ? 1 : -1
    let exponent = Int(code >> 10 & 31)
    let mantissa = Float(code & 1023) / 1024
    switch exponent {
    case 0: return sign * mantissa * 0x1p-14
    case 31:
      return mantissa == 0
        ? sign * .infinity
        : Float(bitPattern: UInt32(code & 0x8000) << 16 | 0x7F80_0000 | UInt32(code & 1023) << 13)
    default: return sign * (1 + mantissa) * Float(exp2(Double(exponent - 15)))
    }
  }

  @Test func bfloat16IsTheNearestAndStaysFinite() throws {
    let values =
      Self.numbers(2000, seed: 9, exponents: -126...126)
      + [
        0, -0.0, .infinity, -.infinity, .greatestFiniteMagnitude, 1.00390625, 1.01171875, 0x1p-149,
      ]
    let bytes = try encoded(values, as: .bfloat16)
    for (index, value) in values.enumerated() {
      let code = UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8
      let found = Float(bitPattern: UInt32(code) << 16)
      guard value.isFinite else {
        #expect(found == value)
        continue
      }
      let neighbours = [code &- 1, code &+ 1].map { Float(bitPattern: UInt32($0) << 16) }
      #expect(found.isFinite && found.sign == value.sign)
      for other in neighbours where other.isFinite {
        let (own, its) = (abs(Double(found) - Double(value)), abs(Double(other) - Double(value)))
        #expect(own < its || (own == its && code % 2 == 0), "\(value)")
      }
    }
  }

  @Test func float32IsKeptBitForBit() throws {
    var generator = SeededGenerator(seed: 10)
    let bits = (0..<300).map { _ in UInt32(truncatingIfNeeded: generator.next()) }
    let bytes = try encoded(bits.map { Float(bitPattern: $0) }, as: .float32, rows: 3)
    #expect(bytes == bits.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) })
  }

  // MARK: - Scales of tables, and refusals

  @Test(arguments: [1, 0.3, 448, 0x1p-133, 3e38, .greatestFiniteMagnitude, 0x1p-148] as [Float])
  func aTablesScaleTakesItsLargestNumberToTheLargestCode(largest: Float) throws {
    let scale = RowEncoder.tableScale(largestMagnitude: largest)
    #expect(scale.isNormal && (448 * scale).isFinite)
    let code = try encoded([largest], as: .fp8E4M3, scale: scale)[0]
    let found = PlainE4M3.value(of: code) * Double(scale)
    #expect(abs(found - Double(largest)) <= max(1e-6 * Double(largest), 0x1p-136))
  }

  @Test func whatCannotBeEncodedIsRefused() {
    #expect(RowEncoder.tableScale(largestMagnitude: 0) == 1)
    #expect(throws: TableError.cannotEncode(codec: .fp8E4M3, reason: "its scale is 0.0")) {
      try RowEncoder(codec: .fp8E4M3, dimension: 4, scale: 0)
    }
    for scale in [-1, .nan, .infinity] as [Float] {
      #expect(throws: TableError.self) {
        try RowEncoder(codec: .fp8E4M3, dimension: 4, scale: scale)
      }
    }
    for dimension in [0, -1, .max, 1 << 20 + 1] {
      #expect(throws: TableError.self) { try RowEncoder(codec: .float32, dimension: dimension) }
    }
  }
}
