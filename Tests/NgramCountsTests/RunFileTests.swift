import Files
import SeededRandom
import Storage
import Testing
import TokenStreams

@testable import NgramCounts

/// Run files that are damaged, cut off, or do not belong together.
@Suite struct RunFileTests {
  private let fixture: CountFixture
  private let run: String

  init() throws {
    var generator = SeededGenerator(seed: 31)
    fixture = try CountFixture(vocabulary: 60)
    try fixture.publish(generator.documents(40, lengths: 0...20, vocabulary: 60))
    run = fixture.scratch("run")
    try fixture.counting(orders: 1...2).write(to: run)
  }

  /// Reads all of a run as merging does.
  private func read(_ path: String) throws {
    try CountsWriter.merge(runs: [path], to: fixture.scratch("out"))
  }

  private func expectRefused(_ damaged: [UInt8], _ what: String) throws {
    let path = fixture.scratch("damaged")
    try damaged.withUnsafeBytes { try DurableFile.write($0, to: path) }
    let error = #expect(throws: CountError.self, "\(what)") { try read(path) }
    #expect(error.map { !"\($0)".contains("\n") } ?? true)
    #expect(DurableFile.size(of: fixture.scratch("out")) == nil)
  }

  @Test func mergingOneRunIsThatRun() throws {
    try read(run)
    #expect(try bytes(fixture.scratch("out")) == bytes(run))
  }

  @Test func everyFlippedBitIsRefused() throws {
    let original = try bytes(run)
    var generator = SeededGenerator(seed: 2)
    for place in original.indices
    where place < 40 || place % 5 == 0 || place > original.count - 120 {
      var damaged = original
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      try expectRefused(damaged, "byte \(place)")
    }
  }

  @Test func everyCutIsRefused() throws {
    let original = try bytes(run)
    for count in stride(from: 0, to: original.count, by: 7) {
      try expectRefused(Array(original.prefix(count)), "\(count) bytes")
    }
    try expectRefused(original + [0], "one byte more")
    try expectRefused(original + original, "twice")
  }

  /// A sum that is read is added to others: it must not be anything at all.
  @Test func aTrailerClaimsNoMoreThanTheFileCanHold() throws {
    let section = try #require(RunFile(path: run).sections.first)
    for (distinct, isPossible) in [
      (section.totals.distinct, true), (5000, false), (1 << 62, false), (.max, false),
    ] {
      var claimed = section
      claimed.totals.distinct = distinct
      claimed.totals.total = max(distinct, section.totals.total)
      let bytes = claimed.encoded
      let read = bytes.withUnsafeBytes { RunSection($0, fileBytes: 4000) }
      #expect((read == claimed) == isPossible, "\(distinct)")
    }
  }

  @Test func whatIsNoRunIsRefused() throws {
    #expect(throws: FileError.self) { try read(fixture.scratch("nowhere")) }
    #expect(throws: FileError.self) { try read(fixture.scratch.path) }
    var newer = try bytes(run)
    newer[8] = 2
    let path = fixture.scratch("newer")
    try newer.withUnsafeBytes { try DurableFile.write($0, to: path) }
    #expect(throws: CountError.newerFormat(path: path, found: 2, supported: 1)) { try read(path) }
  }

  @Test func runsThatDoNotBelongTogetherAreRefused() throws {
    func refused(_ word: String, _ counting: NgramCounting) throws {
      let other = fixture.scratch("other")
      try counting.write(to: other)
      let error = #expect(throws: CountError.self) {
        try CountsWriter.merge(runs: [run, other], to: fixture.scratch("out"))
      }
      #expect("\(error!)".contains(word) && "\(error!)".contains(other))
    }
    try refused("orders", fixture.counting(orders: 1...3))
    try refused("token rule", fixture.counting(orders: 1...2, mapped: true))
    try refused(
      "held-out share",
      fixture.counting(orders: 1...2, selection: .leavingOut(HeldOut(share: 0.5, seed: 1))))
    try refused("another run counts", fixture.counting(orders: 1...2))
    try fixture.publish([[1, 2, 3]], as: "e")
    try refused("dataset", fixture.counting("e", orders: 1...2))
    let foreign = try CountFixture(vocabulary: 61)
    try foreign.publish(fixture.documents)
    try refused("tokenizer", foreign.counting(orders: 1...2))
    // Part of a dataset is not published as if it were all of it.
    var part = try fixture.counting(orders: 1...2)
    part.samples = 2..<5
    try part.write(to: fixture.scratch("part"))
    let store = try Store(path: fixture.path, mode: .writing)
    #expect(
      throws: CountError.incomplete(dataset: "d@1", missing: 11, from: 0, to: 2)
    ) {
      try CountsWriter(store: store).publish(runs: [fixture.scratch("part")], as: "c")
    }
    #expect(try store.publishedCounts().isEmpty)
    #expect(try DurableFile.names(in: fixture.path + "/tmp").isEmpty)
  }

  /// Whatever a payload holds, decoding ends with entries in order or an error.
  @Test func randomPayloadsDecodeToSomethingInOrder() throws {
    var generator = SeededGenerator(seed: 77)
    for round in 0..<3000 {
      let order = 1 + round % 8
      let vocabulary = [2, 300, 1 << 24][round % 3]
      let payload = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        // Small bytes more often: they are what valid payloads are made of.
        UInt8.random(in: 0...(round % 2 == 0 ? 31 : 255), using: &generator)
      }
      var decoder = BlockDecoder(order: order, vocabulary: vocabulary)
      var last: [Int32] = []
      payload.withUnsafeBytes { payload in
        do throws(BlockDecoder.Malformed) {
          while try decoder.next(payload) {
            let tokens = Array(UnsafeBufferPointer(start: decoder.tokens, count: order))
            #expect(last.isEmpty || last.lexicographicallyPrecedes(tokens))
            #expect(tokens.allSatisfy { $0 >= 0 && $0 < vocabulary } && decoder.count > 0)
            last = tokens
          }
        } catch {
          #expect(error.offset <= payload.count)
        }
      }
    }
  }
}
