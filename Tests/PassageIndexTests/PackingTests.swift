import CPostings
import SeededRandom
import Testing

@testable import PassageIndex

@Suite struct PackingTests {
  @Test(arguments: 0...32)
  func groupsComeBackAtEveryWidth(width: Int) {
    var random = SeededGenerator(seed: UInt64(width))
    let limit: UInt32 = width == 32 ? .max : (1 << UInt32(width)) - 1
    let numbers = (0..<128).map { _ in UInt32.random(in: 0...limit, using: &random) }
    var packed = [UInt8](repeating: 0, count: 16 * 32)
    engram_pack_group(numbers, UInt32(width), &packed)
    #expect(packed[(16 * width)...].allSatisfy { $0 == 0 })
    var found = [UInt32](repeating: 7, count: 128)
    engram_unpack_group(packed, UInt32(width), &found)
    #expect(found == numbers)
    #expect(engram_group_width(numbers) <= UInt32(width))
  }

  @Test func partsGrowWithFrequencyAndFallWithLength() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<2000 {
      let score = TermScore(
        weight: Double.random(in: 0..<2_000_000_000, using: &random), k1: 1.2, b: 0.75,
        averageLength: Double.random(in: 1...300, using: &random))
      let frequency = Int.random(in: 1...300, using: &random)
      let length = Int.random(in: 1...2000, using: &random)
      let part = score.part(frequency: frequency, length: length)
      #expect(score.part(frequency: frequency + 1, length: length) >= part)
      #expect(score.part(frequency: frequency, length: length + 1) <= part)
    }
  }

  @Test func varintsComeBackAndBadOnesAreNoticed() {
    var random = SeededGenerator(seed: 4)
    var bytes: [UInt8] = []
    let numbers = (0..<500).map { _ in
      UInt64.random(in: 0...UInt64.max >> 1, using: &random)
        >> UInt64.random(in: 0..<63, using: &random)
    }
    for number in numbers { Varint.append(number, to: &bytes) }
    bytes.withUnsafeBytes { bytes in
      var reader = VarintReader(bytes)
      #expect(numbers.allSatisfy { $0 == reader.next() })
      #expect(!reader.isMalformed)
      #expect(reader.next() == 0 && reader.isMalformed)
    }
    let endless = [UInt8](repeating: 0xFF, count: 40)
    endless.withUnsafeBytes { bytes in
      var reader = VarintReader(bytes)
      _ = reader.next()
      #expect(reader.isMalformed)
    }
  }
}
