import Samples
import SeededRandom
import Testing

@testable import DatasetBuilder

@Suite struct DuplicateFilterTests {
  private static func document(_ words: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    DocumentSample.append(
      metadata: "{}".utf8, text: words.joined(separator: " ").utf8, to: &bytes)
    return bytes
  }

  private static func check(
    _ filter: inout DuplicateFilter?, _ sample: [UInt8]
  ) throws -> DuplicateFilter.Likeness? {
    try sample.withUnsafeBytes { try filter!.check(filter!.keyMaker.keys(of: $0)) }
  }

  /// What was left out as similar is nothing that later ones are equal to: a run that goes on
  /// behind it does not know it.
  @Test func onlyWhatIsKeptIsComparedWith() throws {
    var random = SeededGenerator(seed: 3)
    let words = (0..<300).map { _ in "w\(Int.random(in: 0...9999, using: &random))" }
    var edited = words
    edited[150] = "another"
    let (kept, similar) = (Self.document(words), Self.document(edited))
    var options = DuplicateFilter.Options()
    options.removesExact = true
    options.nearThreshold = 0.8
    var filter = try DuplicateFilter(options, kind: .document)
    #expect(try Self.check(&filter, kept) == nil)
    var resumed = try DuplicateFilter(options, kind: .document)
    try kept.withUnsafeBytes { try resumed!.remember(sample: $0) }
    for _ in 0..<2 {
      #expect(try Self.check(&filter, similar) == .near)
      #expect(try Self.check(&resumed, similar) == .near)
      #expect(try Self.check(&filter, kept) == .exact)
      #expect(try Self.check(&resumed, kept) == .exact)
    }
  }
}
