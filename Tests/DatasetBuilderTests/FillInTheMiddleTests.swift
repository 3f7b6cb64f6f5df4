import SeededRandom
import Testing

@testable import DatasetBuilder

@Suite struct FillInTheMiddleTests {
  private static let markers = FillInTheMiddle.Markers(prefix: 1, suffix: 2, middle: 3)

  private func pieces(
    _ text: String, sample: Int, rate: Double = 1, spmRate: Double = 0.5, seed: UInt64 = 7
  ) throws -> [FillInTheMiddle.Piece] {
    let fim = try FillInTheMiddle(rate: rate, spmRate: spmRate, seed: seed, markers: Self.markers)
    return Array(text.utf8).withUnsafeBytes { fim.pieces(of: $0, sample: sample) }
  }

  private func ranges(_ pieces: [FillInTheMiddle.Piece]) -> [Range<Int>] {
    pieces.compactMap { if case .text(let range) = $0 { range } else { nil } }
  }

  @Test func everyByteIsThereOnceAtCharacters() throws {
    let texts = ["a", "ab", "日本語のテキスト", "ä", "🙂🙃", String(repeating: "naïve 文 ", count: 40)]
    for text in texts {
      let bytes = Array(text.utf8)
      for sample in 0..<300 {
        let ranges = ranges(try pieces(text, sample: sample))
        let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
        #expect(sorted.allSatisfy { !$0.isEmpty })
        #expect(sorted.first?.lowerBound == 0 && sorted.last?.upperBound == bytes.count)
        for (left, right) in zip(sorted, sorted.dropFirst()) {
          #expect(left.upperBound == right.lowerBound)
        }
        for range in ranges { #expect(String(validating: bytes[range], as: UTF8.self) != nil) }
      }
    }
  }

  /// Both orders, taken apart by their markers, give back the document.
  @Test func ordersAreThoseOfThePaper() throws {
    let text = "The middle of this sentence is moved to its end."
    for sample in 0..<100 {
      let psm = try pieces(text, sample: sample, spmRate: 0)
      let spm = try pieces(text, sample: sample, spmRate: 1)
      let (first, second) = (parts(psm), parts(spm))
      #expect(first.markers == [.prefix, .suffix, .middle])
      #expect(second.markers == [.prefix, .suffix, .middle])
      let bytes = Array(text.utf8)
      func string(_ ranges: [Range<Int>]) -> String {
        String(decoding: ranges.flatMap { bytes[$0] }, as: UTF8.self)
      }
      // PSM: prefix, suffix, middle; SPM: nothing, suffix, prefix and middle.
      #expect(string(first.after[0] + first.after[2] + first.after[1]) == text)
      #expect(second.after[0].isEmpty)
      #expect(string(second.after[2] + second.after[1]) == text)
      // The same cut in both.
      #expect(first.after[1] == second.after[1])
      #expect(second.after[2] == first.after[0] + first.after[2])
    }
  }

  private func parts(
    _ pieces: [FillInTheMiddle.Piece]
  ) -> (markers: [FillInTheMiddle.Marker], after: [[Range<Int>]]) {
    var markers: [FillInTheMiddle.Marker] = []
    var after: [[Range<Int>]] = []
    for piece in pieces {
      switch piece {
      case .marker(let marker):
        markers.append(marker)
        after.append([])
      case .text(let range): after[after.count - 1].append(range)
      }
    }
    return (markers, after)
  }

  @Test func ratesAreKept() throws {
    let text = "some text to cut"
    var cut = 0
    var spm = 0
    for sample in 0..<4_000 {
      let pieces = try pieces(text, sample: sample, rate: 0.3, spmRate: 0.25)
      guard pieces.count > 1 else {
        #expect(pieces == [.text(0..<16)])
        continue
      }
      cut += 1
      spm += pieces[0...1] == [.marker(.prefix), .marker(.suffix)] ? 1 : 0
    }
    #expect(abs(cut - 1_200) < 145)
    // A PSM with an empty prefix (one in nine) looks like an SPM at its start.
    #expect(spm > cut / 4 && spm < cut / 2)
    for sample in 0..<200 {
      #expect(try self.pieces(text, sample: sample, rate: 0) == [.text(0..<16)])
      #expect(try self.pieces(text, sample: sample, rate: 1).count > 1)
    }
  }

  /// Cuts fall everywhere: the share of the text that is prefix, middle and suffix is a third each.
  @Test func cutsAreUniform() throws {
    let text = String(repeating: "x", count: 1_000)
    var totals = [0, 0, 0]
    for sample in 0..<2_000 {
      let after = parts(try pieces(text, sample: sample, spmRate: 0)).after
      for part in 0..<3 { totals[part] += after[part].reduce(0) { $0 + $1.count } }
    }
    for total in totals { #expect(abs(total - 666_667) < 27_000, "\(totals)") }
  }

  @Test func cutsFollowFromSampleAndSeedAlone() throws {
    let text = "a document of some length, long enough for many cuts"
    #expect(try pieces(text, sample: 5) == pieces(text, sample: 5))
    let cuts = try (0..<200).map { try pieces(text, sample: $0) }
    #expect(Set(cuts).count > 180)
    #expect(try pieces(text, sample: 5, seed: 8) != pieces(text, sample: 5, seed: 7))
    // Fixed by Schemas/fill-in-the-middle.md.
    #expect(try (0..<4).map { ranges(try pieces(text, sample: $0, spmRate: 0)) } == Self.golden)
  }

  private static let golden = [
    [0..<5, 5..<52], [0..<4, 11..<52, 4..<11], [0..<9, 23..<52, 9..<23],
    [0..<18, 43..<52, 18..<43],
  ]

  @Test func emptyAndBrokenTextsAreWhole() throws {
    #expect(try pieces("", sample: 1) == [])
    var random = SeededGenerator(seed: 3)
    let fim = try FillInTheMiddle(rate: 1, seed: 1, markers: Self.markers)
    for sample in 0..<500 {
      let bytes = (0..<sample % 9 + 1).map { _ in UInt8.random(in: 0x80...0xBF, using: &random) }
      let pieces = bytes.withUnsafeBytes { fim.pieces(of: $0, sample: sample) }
      #expect(ranges(pieces).reduce(0) { $0 + $1.count } == bytes.count)
    }
  }

  @Test func ratesThatAreNoneAreRefused() {
    for rate in [-0.1, 1.1, .nan, .infinity] {
      #expect(throws: FillInTheMiddleError.rateOutOfRange(name: "rate", found: "\(rate)")) {
        try FillInTheMiddle(rate: rate, seed: 0, markers: Self.markers)
      }
      #expect(throws: FillInTheMiddleError.rateOutOfRange(name: "SPM rate", found: "\(rate)")) {
        try FillInTheMiddle(rate: 0.5, spmRate: rate, seed: 0, markers: Self.markers)
      }
    }
  }

  @Test func markersAreTheirTokens() {
    #expect(FillInTheMiddle.Marker.allCases.map { Self.markers[$0] } == [1, 2, 3])
  }
}
