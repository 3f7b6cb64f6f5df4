import Samples
import SeededRandom
import TestCheckpoints
import Testing

@testable import Corpora

/// A file as one sample.
@Suite struct BinaryBytesTests {
  @Test func aFileIsASample() throws {
    let scratch = try ScratchFolder()
    var generator = SeededGenerator(seed: 8)
    for count in [0, 1, 262_144, 3_000_001] {
      let bytes = generator.bytes(count)
      let path = try scratch.write(bytes, "a.png")
      let unit = CorpusUnit(path: path, name: "a.png", format: .bytes)
      #expect(try BinaryReading(unit, kind: .bytes).samples == [bytes])
      var options = CorpusOptions()
      options.recordLimit = count
      #expect(try BinaryReading(unit, options: options, kind: .bytes).samples == [bytes])
      let rest = try BinaryReading(unit, kind: .bytes, from: CorpusPosition(records: 1))
      #expect(rest.samples.isEmpty && rest.bad.isEmpty)
      guard count > 0 else { continue }
      options.recordLimit = count - 1
      let limited = try BinaryReading(unit, options: options, kind: .bytes)
      #expect(limited.samples.isEmpty && limited.bad.count == 1)
    }
  }

  @Test func whatIsNoFileIsBad() throws {
    let scratch = try ScratchFolder()
    for path in [scratch("missing"), scratch.path, "/dev/null"] {
      let unit = CorpusUnit(path: path, name: "x", format: .bytes)
      let reading = try BinaryReading(unit, kind: .bytes)
      #expect(reading.samples.isEmpty && reading.bad.count == 1 && reading.bad[0].endsUnit)
    }
  }
}
