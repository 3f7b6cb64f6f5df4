import Samples
import SeededRandom
import TestCheckpoints
import Testing

@testable import Corpora

/// FFRecord files put together by hand.
@Suite struct BinaryFFRecordTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  /// CRC32 (polynomial 0xEDB88320), a bit at a time.
  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { checksum, byte in
      (0..<8).reduce(checksum ^ UInt32(byte)) { value, _ in
        value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
      }
    }
  }

  static func file(_ samples: [[UInt8]]) -> [UInt8] {
    var head = little(samples.count, 8)
    for sample in samples { head += little(Int(crc32(sample)), 4) }
    var place = 12 + 12 * samples.count
    for sample in samples {
      head += little(place, 8)
      place += sample.count
    }
    return little(Int(crc32(head)), 4) + head + samples.flatMap { $0 }
  }

  private func read(
    _ bytes: [UInt8], kind: SampleKind = .bytes, part: Range<Int>? = nil,
    from position: CorpusPosition = CorpusPosition(), options: CorpusOptions = CorpusOptions()
  ) throws -> BinaryReading {
    let path = try scratch.write(bytes, "a.ffr")
    let unit = CorpusUnit(path: path, name: "a.ffr", format: .ffrecord, part: part)
    return try BinaryReading(unit, options: options, kind: kind, from: position, batch: 100)
  }

  @Test func samplesComeOutFromAnyPlace() throws {
    var generator = SeededGenerator(seed: 6)
    let samples = (0..<50).map { _ in
      generator.bytes(Int.random(in: 0...60, using: &generator))
    }
    let bytes = Self.file(samples)
    let all = try read(bytes)
    #expect(all.samples == samples && all.bad.isEmpty)
    for lower in stride(from: 0, through: 50, by: 7) {
      #expect(
        try read(bytes, from: CorpusPosition(records: lower)).samples == Array(samples[lower...]))
      #expect(try read(bytes, part: lower..<50).samples == Array(samples[lower...]))
      #expect(try read(bytes, part: 0..<lower).samples == Array(samples[..<lower]))
    }
    #expect(try read(Self.file([])).samples.isEmpty)
  }

  @Test func textIsADocument() throws {
    let reading = try read(Self.file([Array("héllo".utf8), [0xFF]]), kind: .document)
    let documents = try reading.documents()
    #expect(documents.count == 1 && documents[0] == ("{}", "héllo"))
    #expect(reading.bad.count == 1 && reading.bad[0].record == 2)
    #expect(reading.bad[0].reason.contains("not UTF-8"))
  }

  @Test func aWrongSampleIsOneBadRecord() throws {
    var bytes = Self.file([[1, 2, 3], [4, 5, 6], [7]])
    bytes[bytes.count - 3] ^= 1
    let reading = try read(bytes)
    #expect(reading.samples == [[1, 2, 3], [7]])
    #expect(reading.bad.map(\.record) == [2] && !reading.bad[0].endsUnit)
    var options = CorpusOptions()
    options.recordLimit = 2
    #expect(try read(Self.file([[1, 2, 3], [4]]), options: options).samples == [[4]])
  }

  @Test func damageIsSeen() throws {
    let bytes = Self.file([[1, 2, 3], [], [4, 5, 6, 7], Array("text".utf8)])
    let (prefixes, flips) = try beHostile(bytes, flips: 1500, seed: 7) { try read($0) }
    #expect(prefixes == bytes.count)
    #expect(flips >= 1490, "\(1500 - flips) damaged files were taken for whole")
    let huge = try read(little(0, 4) + little(Int.max, 8))
    #expect(huge.bad[0].reason.contains("claims"))
  }
}
