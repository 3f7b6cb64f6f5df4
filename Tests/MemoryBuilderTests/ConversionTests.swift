import Files
import Foundation
import MemoryBuilder
import MemoryTables
import SeededRandom
import Storage
import Synchronization
import TestCheckpoints
import Testing

@Suite struct ConversionTests {
  /// Numbers around 1, some very small, some zero.
  private static func numbers(_ count: Int, seed: UInt64 = 1) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let exponent = Int.random(in: -12...2, using: &generator)
      return Float.random(in: -1...1, using: &generator) * Float(exp2(Double(exponent)))
    }
  }

  private static let pairs = RowCodec.allCases.flatMap { from in
    RowCodec.allCases.filter { $0 != from }.map { (from, $0) }
  }

  @Test(arguments: pairs)
  func everyRowIsTheEncodedOne(from: RowCodec, to: RowCodec) throws {
    // No multiple of 32, several groups of rows a page, the last page not full.
    let (rows, dimension) = (901, 40)
    let fixture = try ConversionFixture()
    try fixture.publish(Self.numbers(rows * dimension), dimension: dimension, as: from)
    let report = try fixture.convert(to: to)
    let before = try fixture.numbers("t")
    let table = try fixture.open()
    let scale = before.map(abs).max()! / 448
    #expect(table.manifest.scaleBits == (to == .fp8E4M3 ? scale.bitPattern : nil))
    let encoder = try RowEncoder(codec: to, dimension: dimension, scale: scale)
    var expected = [UInt8](repeating: 0, count: rows * encoder.rowBytes)
    expected.withUnsafeMutableBytes {
      encoder.encode(before, count: rows, into: $0.baseAddress!, stride: encoder.rowBytes)
    }
    #expect(try table.gather((0..<rows).map(Int64.init)) == expected)
    #expect(try fixture.problems().isEmpty)
    try Self.expect(report.errors, between: before, and: fixture.numbers())
  }

  /// The report's figures, computed from sorted differences.
  private static func expect(
    _ errors: ConversionErrors, between before: [Float], and after: [Float],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let pairs = zip(before, after).filter { $0.isFinite && $1.isFinite }
    let differences = pairs.map { abs(Double($1) - Double($0)) }.sorted()
    func near(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
      abs(a - b) <= tolerance * max(abs(a), abs(b))
    }
    let squares = differences.reduce(0) { $0 + $1 * $1 }
    let values = pairs.reduce(0) { $0 + Double($1.0) * Double($1.0) }
    #expect(errors.numbers == pairs.count, sourceLocation: sourceLocation)
    #expect(
      errors.exactNumbers == differences.count { $0 == 0 }, sourceLocation: sourceLocation)
    #expect(near(errors.maximum, differences.last ?? 0, 1e-6), sourceLocation: sourceLocation)
    #expect(
      near(errors.rms, (squares / Double(pairs.count)).squareRoot(), 1e-6),
      sourceLocation: sourceLocation)
    #expect(
      near(errors.relativeRMS, values > 0 ? (squares / values).squareRoot() : 0, 1e-6),
      sourceLocation: sourceLocation)
    #expect(
      errors.percentiles.map(\.percent) == [50, 90, 99, 99.9, 99.99],
      sourceLocation: sourceLocation)
    for percentile in errors.percentiles {
      let place = Int((percentile.percent / 100 * Double(differences.count)).rounded(.up)) - 1
      let exact = differences[max(0, place)]
      // An upper bound, never below and at the most 1/64 above.
      #expect(
        percentile.error >= exact * (1 - 1e-6) && percentile.error <= exact * (1 + 1.01 / 64),
        "\(percentile) instead of \(exact)", sourceLocation: sourceLocation)
    }
  }

  @Test func whatBothCodecsHoldComesBackExactly() throws {
    let fixture = try ConversionFixture()
    // Numbers of 8 significant bits.
    let values = Self.numbers(500 * 16).map {
      Float(bitPattern: $0.bitPattern & 0xFFFF_0000)
    }
    try fixture.publish(values, dimension: 16)
    #expect(try fixture.convert(to: .bfloat16, as: "short").errors.maximum == 0)
    let back = try fixture.convert("short", to: .float32, as: "back")
    #expect(back.errors.exactNumbers == values.count && back.errors.maximum == 0)
    #expect(try fixture.numbers("back").map(\.bitPattern) == values.map(\.bitPattern))
  }

  /// Differences an octave apart: the next one would be far off.
  @Test(arguments: [1, 2, 3, 7, 11])
  func percentilesOfAFewNumbersAreTheirs(count: Int) throws {
    let fixture = try ConversionFixture()
    let values = (0..<count).map { Float(exp2(Double($0))) * (1 + 0x1p-9) }
    try fixture.publish(values, dimension: count)
    let errors = try fixture.convert(to: .bfloat16).errors
    #expect(errors.maximum == exp2(Double(count - 1)) * 0x1p-9 && errors.exactNumbers == 0)
    try Self.expect(errors, between: values, and: fixture.numbers())
  }

  @Test func theNewTableSaysWhatItWasMadeFrom() throws {
    let fixture = try ConversionFixture()
    try fixture.publish(Self.numbers(640), dimension: 64)
    let report = try fixture.convert(to: .bfloat16)
    let (before, after) = (try fixture.open("t").manifest, try fixture.open().manifest)
    #expect(after.source == .init(kind: "converted", from: .init(before)))
    #expect(after.source.from?.identity == before.identity)
    #expect(after.rows == 10 && after.dimension == 64 && after.codec == .bfloat16)
    #expect(report.bytes == 10 * 128 && report.sourceBytes == 10 * 256)
    // The same rows from any number of threads: the same identity.
    let again = try ConversionFixture()
    try again.publish(Self.numbers(640), dimension: 64)
    #expect(try again.convert(to: .bfloat16, threads: 7).table.identity == report.table.identity)
    // Its own name is a new version.
    #expect(try fixture.convert(to: .bfloat16, as: "t").table.version == 2)
    #expect(try fixture.open("t@1").manifest.codec == .float32)
    #expect(try fixture.open("t").manifest.codec == .bfloat16)
  }

  @Test func addressingIsKept() throws {
    let fixture = try ImportFixture(.qwen(type: .bf16))
    try fixture.run()
    let store = try Store(path: fixture.store, mode: .writing)
    let table = try Table(TableReference(name: "t/layer1"), in: store)
    _ = try TableConversion(codec: .fp8E4M3ScaledBy32, name: "new").run(table, in: store)
    let new = try fixture.open("new")
    #expect(new.manifest.addressing == table.manifest.addressing)
    #expect(try new.hasher().rows(for: [5, 6, 7]) == table.hasher().rows(for: [5, 6, 7]))
  }

  @Test(arguments: [RowCodec.bfloat16, .fp8E4M3, .fp8E4M3ScaledBy32])
  func pagesThatAreNotStoredStaySo(codec: RowCodec) throws {
    let (rows, dimension) = (30_000, 16)
    let fixture = try ConversionFixture()
    var values = [Float](repeating: 0, count: rows * dimension)
    let some = Self.numbers(3 * dimension)
    for (index, row) in [5, 18_000, 29_999].enumerated() {
      values.replaceSubrange(
        row * dimension..<(row + 1) * dimension,
        with: some[index * dimension..<(index + 1) * dimension])
    }
    try fixture.publish(values, dimension: dimension)
    let report = try fixture.convert(to: codec)
    let (before, after) = (try fixture.open("t").manifest, try fixture.open().manifest)
    #expect(before.storedPages == 3 && after.storedPages == 3 && after.pages >= 10)
    // Numbers of pages that are not stored are not among those that were compared.
    #expect(report.errors.numbers < 10 * before.rowsPerPage * dimension)
    let new = try fixture.numbers()
    for row in 0..<rows where ![5, 18_000, 29_999].contains(row) {
      if new[row * dimension..<(row + 1) * dimension].contains(where: { $0 != 0 }) {
        Issue.record("row \(row) is not zero")
      }
    }
    #expect(zip(new, values).allSatisfy { abs($0 - $1) <= 0.07 * max(1, abs($1)) })
    #expect(try fixture.problems().isEmpty)
  }

  @Test func aTableOfZerosIsConverted() throws {
    let fixture = try ConversionFixture()
    try fixture.publish([Float](repeating: 0, count: 1600), dimension: 16)
    for codec in RowCodec.allCases where codec != .float32 {
      let report = try fixture.convert(to: codec)
      #expect(report.errors.numbers == 0 && report.errors.maximum == 0)
      #expect(try fixture.numbers().allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: [RowCodec.bfloat16, .float16, .fp8E4M3, .fp8E4M3ScaledBy32])
  func rowsThatHoldNoNumbersAreReportedAndSpoilNothing(codec: RowCodec) throws {
    let fixture = try ConversionFixture()
    var values = Self.numbers(5000 * 16)
    values[16 * 700 + 3] = .nan
    values[16 * 700 + 4] = .infinity
    values[16 * 4900] = -.infinity
    try fixture.publish(values, dimension: 16)
    let errors = try fixture.convert(to: codec).errors
    #expect(errors.nonFiniteRows == 2 && errors.firstNonFiniteRow == 700)
    let after = try fixture.numbers()
    #expect(after[16 * 700 + 3].isNaN && after[16 * 700 + 4] > 1 && after[16 * 4900] < -1)
    // What follows compares pairs that are finite in both.
    let finite = zip(values, after).map { $0.isFinite ? $1 : .nan }
    try Self.expect(errors, between: values, and: finite)
  }

  // MARK: - What ends early

  @Test func theCodecThatItHasIsRefusedWithTheOthers() throws {
    let fixture = try ConversionFixture()
    try fixture.publish(Self.numbers(16), dimension: 16)
    let error = BuilderError.sameCodec(table: "t@1", codec: .float32)
    #expect(throws: error) { try fixture.convert(to: .float32) }
    #expect(error.description.contains("fp8e4m3-e8m0x32, fp8e4m3, bf16, f16"))
    #expect(throws: TableError.badName("a b")) { try fixture.convert(to: .bfloat16, as: "a b") }
    #expect(try fixture.published() == ["t@1"])
  }

  @Test(arguments: [RowCodec.bfloat16, .fp8E4M3])
  func aCorruptRowStopsTheConversion(codec: RowCodec) throws {
    let fixture = try ConversionFixture()
    let values = Self.numbers(5000 * 16)
    try fixture.publish(values, dimension: 16)
    let folder = try fixture.open("t").folder + "/db/"
    let name = try #require(DurableFile.names(in: folder).first { $0.hasSuffix(".sst") })
    var bytes = try DurableFile.read(folder + name)
    let row = values[16 * 4321..<16 * 4322].withUnsafeBytes { Array($0) }
    let place = try #require(bytes.firstRange(of: row)?.lowerBound)
    bytes[place + 7] ^= 0x10
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: folder + name) }
    #expect {
      try fixture.convert(to: codec)
    } throws: { error in
      guard case .corruptRow("t", 1, 4321, _, place, _, _)? = error as? TableError else {
        return false
      }
      return true
    }
    #expect(try fixture.published() == ["t@1"] && fixture.debris().isEmpty)
  }

  @Test(arguments: [RowCodec.bfloat16, .fp8E4M3])
  func aConversionThatStopsLeavesNothing(codec: RowCodec) throws {
    struct Stop: Error {}
    let fixture = try ConversionFixture()
    try fixture.publish(Self.numbers(20_000 * 16), dimension: 16)
    for share in [0, 0.4, 0.9, 1] {
      #expect(throws: Stop.self) {
        try fixture.convert(to: codec) { done, total in
          if Double(done) >= share * Double(total) { throw Stop() }
        }
      }
    }
    #expect(try fixture.published() == ["t@1"] && fixture.debris().isEmpty)
    let last = Mutex((0, 0))
    try fixture.convert(to: codec) { done, total in
      last.withLock {
        #expect(done >= $0.0 && done <= total)
        $0 = (done, total)
      }
    }
    #expect(last.withLock { $0.0 == $0.1 && $0.0 > 0 })
    #expect(try fixture.published() == ["new@1", "t@1"])
  }
}
