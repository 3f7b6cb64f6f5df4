import Datasets
import Files
import SeededRandom
import Storage
import Testing
import TokenStreams

@testable import NgramCounts

@Suite struct CountingTests {
  /// How tokens, keys and tables can lie: keys of one, two and three words.
  struct Layout: CustomTestStringConvertible, Sendable {
    var vocabulary: Int
    var orders: ClosedRange<Int>
    var threads: Int
    var tableBytes: Int
    var testDescription: String {
      "\(vocabulary) ids, orders \(orders), \(threads) threads, \(tableBytes) bytes"
    }
  }

  @Test(arguments: [
    Layout(vocabulary: 40, orders: 1...4, threads: 1, tableBytes: 1 << 20),
    Layout(vocabulary: 40, orders: 1...8, threads: 3, tableBytes: 1 << 12),
    Layout(vocabulary: 129_280, orders: 2...4, threads: 2, tableBytes: 1 << 14),
    Layout(vocabulary: 1 << 24, orders: 1...8, threads: 2, tableBytes: 1 << 15),
    Layout(vocabulary: 1 << 16, orders: 4...4, threads: 2, tableBytes: 1 << 13),
  ])
  func countsEqualAPlainCount(layout: Layout) throws {
    var generator = SeededGenerator(seed: UInt64(layout.vocabulary + layout.tableBytes))
    let fixture = try CountFixture(vocabulary: layout.vocabulary)
    var documents = generator.documents(150, vocabulary: layout.vocabulary)
    documents.append((0..<20).map { _ in Int32(layout.vocabulary - 1) })
    documents += documents.prefix(20)
    try fixture.publish(documents)
    let published = try fixture.counting(
      orders: layout.orders, threads: layout.threads, tableBytes: layout.tableBytes
    ).publish(as: "c", in: Store(path: fixture.path, mode: .writing))
    let counts = try NgramCounts(published, in: Store(path: fixture.path, mode: .reading))
    for order in layout.orders {
      let expected = try fixture.plain(order: order)
      let found = try counts.all(order: order)
      #expect(Dictionary(uniqueKeysWithValues: found.map { ($0.tokens, $0.count) }) == expected)
      #expect(
        zip(found, found.dropFirst()).allSatisfy { $0.tokens.lexicographicallyPrecedes($1.tokens) })
      let totals = try counts.totals(order: order)
      #expect(totals.distinct == UInt64(expected.count))
      #expect(totals.total == expected.values.reduce(0, +))
      #expect(totals.singletons == UInt64(expected.values.filter { $0 == 1 }.count))
    }
    #expect(try DurableFile.names(in: fixture.path + "/tmp").isEmpty)
  }

  @Test func textIsEncodedAndCompressed() throws {
    var generator = SeededGenerator(seed: 4)
    let fixture = try CountFixture(vocabulary: 17)
    let letters = Array("abcdefghABCDEFGHz")
    let texts = (0..<200).map { _ in
      String(
        (0..<Int.random(in: 0...30, using: &generator)).map { _ in
          letters.randomElement(using: &generator)!
        })
    }
    try fixture.publish(texts: texts)
    for mapped in [true, false] {
      let counts = try fixture.publishCounts(orders: 1...3, mapped: mapped)
      #expect(counts.manifest.subject.tokens.vocabulary == (mapped ? 9 : 17))
      for order in 1...3 {
        let found = try counts.all(order: order).map { ($0.tokens, $0.count) }
        #expect(
          Dictionary(uniqueKeysWithValues: found)
            == (try fixture.plain(order: order, mapped: mapped)))
      }
    }
    let counts = try NgramCounts(
      CountsReference(name: "c", version: 1), in: Store(path: fixture.path, mode: .reading))
    let names = try CountedText(counts.manifest, tokenizer: fixture.tokenizer)
    #expect(try names.tokens(of: "aAbB") == [0, 0, 1, 1])
    #expect(names.text(of: [0, 0, 1, 8]) == "aabz")
  }

  /// So many runs that they are merged in two steps.
  @Test func moreRunsThanAreMergedAtOnce() throws {
    var generator = SeededGenerator(seed: 9)
    let fixture = try CountFixture(vocabulary: 5000)
    try fixture.publish(generator.documents(400, vocabulary: 5000))
    let counting = try fixture.counting(orders: 2...2, tableBytes: 1)
    let work = fixture.scratch("work")
    try DurableFile.createFolder(work)
    let runs = try counting.count(into: work) { _ in }
    #expect(runs.runs.count > RunSet.fanIn)
    try counting.write(to: fixture.scratch("many"))
    try fixture.counting(orders: 2...2).write(to: fixture.scratch("one"))
    #expect(try bytes(fixture.scratch("many")) == bytes(fixture.scratch("one")))
    let counts = try fixture.publishCounts(orders: 2...2, tableBytes: 1)
    #expect(try counts.all(order: 2).count == fixture.plain(order: 2).count)
  }

  @Test func partsMergedAreTheWholeByteForByte() throws {
    var generator = SeededGenerator(seed: 12)
    let fixture = try CountFixture(vocabulary: 300)
    try fixture.publish(generator.documents(200, vocabulary: 300))
    let whole = fixture.scratch("whole")
    try fixture.counting().write(to: whole)
    let expected = try bytes(whole)
    for count in [2, 7, 70] {
      var paths: [String] = []
      for index in 1...count {
        var counting = try fixture.counting(
          threads: 1 + index % 3, tableBytes: index % 2 == 0 ? 1 << 12 : nil)
        counting.samples = NgramCounting.partition(
          index, of: count, samples: counting.samples.upperBound)
        paths.append(fixture.scratch("part-\(count)-\(index)"))
        try counting.write(to: paths[index - 1])
      }
      paths.shuffle(using: &generator)
      let merged = fixture.scratch("merged-\(count)")
      try CountsWriter.merge(runs: paths, to: merged)
      #expect(try bytes(merged) == expected, "\(count) parts")
      // Merged in two steps, and merged alone.
      let (some, all) = (fixture.scratch("some-\(count)"), fixture.scratch("all-\(count)"))
      try CountsWriter.merge(runs: Array(paths.dropFirst()), to: some)
      try CountsWriter.merge(runs: [some, paths[0]], to: all)
      #expect(try bytes(all) == expected, "\(count) parts, in two steps")
    }
    let direct = try fixture.publishCounts(as: "direct")
    let store = try Store(path: fixture.path, mode: .writing)
    let reduced = try CountsWriter(store: store).publish(
      runs: (1...7).map { fixture.scratch("part-7-\($0)") }, as: "reduced")
    let manifest = try CountsManifest.published(reduced, in: store)
    #expect(manifest.content == direct.manifest.content)
    #expect(manifest.orders == direct.manifest.orders)
    // Under one name and version, nothing differs at all.
    let other = try CountFixture(vocabulary: 300)
    try other.publish(fixture.documents)
    let again = try other.publishCounts(as: "direct", tableBytes: 1 << 12)
    #expect(again.manifest.identity == direct.manifest.identity)
  }

  @Test(arguments: [1, 2, 3, 10, 97])
  func partitionsAreAllSamplesOnce(count: Int) {
    for samples in [0, 1, 5, 96, 1000] {
      let parts = (1...count).map { NgramCounting.partition($0, of: count, samples: samples) }
      #expect(parts.flatMap(Array.init) == Array(0..<samples))
    }
  }

  @Test func whatIsHeldOutIsNotCounted() throws {
    var generator = SeededGenerator(seed: 3)
    let fixture = try CountFixture(vocabulary: 50)
    let documents = generator.documents(300, vocabulary: 50)
    try fixture.publish(documents, perSample: 1)
    let rule = HeldOut(share: 0.3, seed: 5)
    let left = documents.indices.filter { !rule.contains($0) }.map { documents[$0] }
    let held = documents.indices.filter { rule.contains($0) }.map { documents[$0] }
    #expect(held.count > 50 && left.count > 150)
    let counts = try fixture.publishCounts(orders: 1...2, selection: .leavingOut(rule))
    #expect(counts.manifest.subject.heldOut == .init(share: 0.3, seed: 5))
    for order in 1...2 {
      let found = try counts.all(order: order).map { ($0.tokens, $0.count) }
      #expect(
        Dictionary(uniqueKeysWithValues: found) == (try CountFixture.plain(left, order: order)))
    }
    // What the most frequent of the counted ones cover of the others.
    let sizes: [UInt64] = [1, 10, 100, 100_000]
    let coverage = try counts.coverage(
      of: fixture.counting(orders: 1...2, tableBytes: 1 << 12, selection: .only(rule)),
      most: sizes, frequencies: [:])
    for (order, coverage) in zip(1...2, coverage) {
      let plain = try CountFixture.plain(left, order: order)
      let ranked = plain.sorted {
        ($1.value, $0.key.lexicographicallyPrecedes($1.key) ? 0 : 1)
          < ($0.value, $0.key.lexicographicallyPrecedes($1.key) ? 1 : 0)
      }.map(\.key)
      let others = try CountFixture.plain(held, order: order)
      #expect(coverage.total == others.values.reduce(0, +))
      #expect(coverage.known == others.reduce(0) { $0 + (plain[$1.key] == nil ? 0 : $1.value) })
      for (size, covered) in zip(sizes, coverage.covered) {
        let most = Set(ranked.prefix(Int(size)))
        let expected = others.reduce(0) { $0 + (most.contains($1.key) ? $1.value : 0) }
        #expect(covered.most == size && covered.ngrams == expected, "order \(order), \(size)")
      }
    }
  }
}
