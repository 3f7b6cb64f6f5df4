import Compression
import Foundation
import Samples
import SeededRandom
import TestCheckpoints
import Testing

@testable import Corpora

/// Every format behind gzip: the same samples as without, from any place, and cuts that are seen.
@Suite struct BinaryCompressedTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func compress(_ name: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-nkf", scratch(name)]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return scratch(name + ".gz")
  }

  @Test func compressedSourcesGiveTheSame() throws {
    var generator = SeededGenerator(seed: 41)
    let layout = TokenLayout(width: 2)
    let blobs = (0..<300).map { _ in
      generator.bytes(2 * Int.random(in: 0...900, using: &generator))
    }
    try write(blobs, .megatron, to: scratch("c"), kind: .tokens, tokens: layout)
    try write(blobs, .webdataset, to: scratch("w"), kind: .bytes)
    try FileManager.default.moveItem(atPath: scratch("w/w-000000.tar"), toPath: scratch("c.tar"))
    _ = try scratch.write(BinaryFFRecordTests.file(blobs), "c.ffr")
    let rows = generator.bytes(300 * 512)
    _ = try scratch.write(BinaryNpyTests.file("<u2", "(300, 256)", rows), "c.npy")
    let cases: [(String, CorpusFormat, SampleKind)] = [
      ("c.npy", .npy, .tokens), ("c.bin", .megatron, .tokens), ("c.tar", .webdataset, .bytes),
      ("c.ffr", .ffrecord, .bytes), ("c.npy", .bytes, .bytes),
    ]
    for (name, format, kind) in cases {
      let plain = CorpusUnit(path: scratch(name), name: name, format: format)
      let zipped = CorpusUnit(
        path: try compress(name), name: name, format: format, compression: .gzip)
      let tokens = kind == .tokens ? layout : nil
      let expected = try BinaryReading(plain, kind: kind, tokens: tokens, batch: 30_000)
      let found = try BinaryReading(zipped, kind: kind, tokens: tokens, batch: 30_000)
      #expect(found.samples == expected.samples && found.bad.isEmpty, "\(name) as \(format)")
      #expect(!found.samples.isEmpty)
      #expect(
        try BinaryCorpora.units(for: zipped, options: CorpusOptions()).units.count == 1)
      let middle = found.positions[found.positions.count / 2]
      let rest = try BinaryReading(zipped, kind: kind, tokens: tokens, from: middle)
      #expect(rest.samples == Array(found.samples[(found.samples.count / 2 + 1)...]))

      let bytes = try Data(contentsOf: URL(fileURLWithPath: zipped.path))
      for count in [0, 10, bytes.count / 2, bytes.count - 9] {
        try bytes.prefix(count).write(to: URL(fileURLWithPath: zipped.path))
        let cut = try BinaryReading(zipped, kind: kind, tokens: tokens)
        #expect(cut.bad.count == 1 && cut.bad[0].endsUnit, "\(name) as \(format) cut at \(count)")
        let isSame = zip(cut.samples, expected.samples).allSatisfy(==)
        #expect(isSame || format == .bytes, "samples that are not those of the file")
      }
    }
  }

  @Test func aFileThatChangedIsBad() throws {
    let path = try scratch.write([1, 2, 3], "c.dat")
    var unit = CorpusUnit(path: path, name: "c", format: .bytes, modified: 1)
    #expect(try BinaryReading(unit, kind: .bytes).bad.map(\.endsUnit) == [true])
    unit.modified = 0
    let reader = try BinaryCorpora.makeReader(
      for: unit, from: CorpusPosition(), options: CorpusOptions(), tokens: nil, kind: .bytes)
    let first = try #require(try reader.nextBatch(bytes: 1))
    #expect(first.ends == [3])
    usleep(20_000)
    _ = try scratch.write([1, 2, 3, 4], "c.dat")
    let last = try #require(try reader.nextBatch(bytes: 1))
    #expect(last.bad.count == 1 && last.bad[0].reason.contains("changed"))
  }
}
