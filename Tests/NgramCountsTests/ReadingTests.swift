import Files
import SeededRandom
import Storage
import Testing

@testable import NgramCounts

@Suite struct ReadingTests {
  private let fixture: CountFixture
  private let counts: NgramCounts

  init() throws {
    var generator = SeededGenerator(seed: 21)
    fixture = try CountFixture(vocabulary: 2000)
    try fixture.publish(generator.documents(1500, lengths: 0...30, vocabulary: 2000))
    counts = try fixture.publishCounts(orders: 1...3)
  }

  @Test func anyNgramIsFoundOrIsNotThere() throws {
    var generator = SeededGenerator(seed: 1)
    // More than one page, so that the search has pages to choose from.
    #expect(counts.manifest.orders.last?.blocks ?? 0 > 2)
    for order in 1...3 {
      let plain = try fixture.plain(order: order)
      let some = plain.keys.sorted { $0.lexicographicallyPrecedes($1) }
      for (index, tokens) in some.enumerated() where index % 17 == 0 || index + 1 == some.count {
        #expect(try counts.count(of: tokens) == plain[tokens])
      }
      for _ in 0..<100 {
        let tokens = (0..<order).map { _ in Int32.random(in: 0..<2000, using: &generator) }
        #expect(try counts.count(of: tokens) == plain[tokens] ?? 0)
      }
      #expect(
        try counts.count(of: Array(repeating: 1999, count: order))
          == plain[Array(repeating: 1999, count: order)] ?? 0)
      #expect(
        try counts.count(of: Array(repeating: 0, count: order))
          == plain[Array(repeating: 0, count: order)] ?? 0)
    }
  }

  @Test func theMostFrequentAreInOrder() throws {
    func expected(_ orders: ClosedRange<Int>, _ minimum: UInt64) throws -> [[Int32]] {
      let all = try orders.flatMap { try fixture.plain(order: $0).map { ($0.key, $0.value) } }
      return all.filter { $0.1 >= minimum }.sorted { a, b in
        if a.1 != b.1 { return a.1 > b.1 }
        if a.0.count != b.0.count { return a.0.count < b.0.count }
        return a.0.lexicographicallyPrecedes(b.0)
      }.map(\.0)
    }
    for order in 1...3 {
      let all = try expected(order...order, 1)
      for count in [0, 1, 7, 100, 1000, 1 << 40] {
        #expect(try counts.top(order: order, n: count).map(\.tokens) == Array(all.prefix(count)))
      }
    }
    let together = try expected(2...3, 3)
    #expect(
      try counts.top(orders: 2...3, count: 50, minimumCount: 3).map(\.tokens)
        == Array(together.prefix(50)))
    #expect(
      try counts.top(orders: 2...3, count: 1 << 30, minimumCount: 3).map(\.tokens) == together)
  }

  @Test func frequenciesAddUp() throws {
    let plain = try fixture.plain(order: 2)
    let ranked = plain.values.sorted(by: >)
    let frequencies = try counts.frequencies(order: 2)
    #expect(frequencies.entries.reduce(0) { $0 + $1.ngrams } == UInt64(plain.count))
    for most in [0, 1, 10, 500, ranked.count, ranked.count + 5] {
      #expect(frequencies.total(most: UInt64(most)) == ranked.prefix(most).reduce(0, +))
    }
    let curve = frequencies.curve(perDecade: 5)
    #expect(curve.first?.rank == 1 && curve.last?.rank == UInt64(ranked.count))
    #expect(curve.allSatisfy { $0.count == ranked[Int($0.rank) - 1] })
    #expect([1, 10, 100, 1000].allSatisfy { rank in curve.contains { $0.rank == rank } })
    #expect(zip(curve, curve.dropFirst()).allSatisfy { $0.rank < $1.rank })
  }

  @Test func wrongQuestionsAreRefused() throws {
    #expect(throws: CountError.noSuchOrder(counts: "c@1", order: 4, lower: 1, upper: 3)) {
      try counts.count(of: [1, 2, 3, 4])
    }
    #expect(throws: CountError.noSuchOrder(counts: "c@1", order: 0, lower: 1, upper: 3)) {
      try counts.count(of: [])
    }
    #expect(throws: CountError.tokenOutOfRange(counts: "c@1", token: 2000, limit: 2000)) {
      try counts.count(of: [2000])
    }
    #expect(throws: CountError.tokenOutOfRange(counts: "c@1", token: -1, limit: 2000)) {
      try counts.count(of: [0, -1])
    }
    #expect(throws: CountError.noSuchOrder(counts: "c@1", order: 9, lower: 1, upper: 3)) {
      try counts.top(order: 9, n: 1)
    }
  }

  @Test func versionsAreCountedAndDropped() throws {
    let second = try fixture.publishCounts(orders: 1...1)
    #expect(second.published.version == 2)
    do {
      let store = try Store(path: fixture.path, mode: .writing)
      #expect(try store.publishedCounts().map(\.version) == [1, 2])
      #expect(try store.dropCounts(CountsReference(name: "c", version: 2)).map(\.version) == [2])
    }
    // Open, it goes on reading; a number is not used twice.
    #expect(try second.count(of: [0]) > 0)
    #expect(try fixture.publishCounts(orders: 1...1).published.version == 3)
    let store = try Store(path: fixture.path, mode: .writing)
    #expect(try store.dropCounts(CountsReference(name: "c")).count == 2)
    #expect(throws: CountError.noSuchCounts(name: "c", available: [])) {
      try store.publishedCounts(CountsReference(name: "c"))
    }
    #expect(try DurableFile.names(in: fixture.path + "/tables").isEmpty)
  }

  @Test func aFlippedBitIsFoundAndNotServed() throws {
    let store = try Store(path: fixture.path, mode: .reading)
    let published = counts.published
    let sound = try NgramCounts.verify(published, in: store)
    #expect(sound.problems.isEmpty)
    #expect(
      sound.ngrams == counts.manifest.orders.reduce(0) { $0 + Int($1.distinct) })
    let folder = store.tableFolder(published.id)
    let expected = try (1...3).map { try counts.all(order: $0).map(\.count) }
    let plain = try fixture.plain(order: 3)
    let some = plain.keys.sorted { $0.lexicographicallyPrecedes($1) }.enumerated()
      .filter { $0.offset % 1500 == 0 }.map(\.element)
    for name in try DurableFile.names(in: folder + "/db") where name.hasSuffix(".sst") {
      let path = folder + "/db/" + name
      let original = try bytes(path)
      var generator = SeededGenerator(seed: 5)
      for _ in 0..<12 {
        var damaged = original
        let place = Int.random(in: damaged.indices, using: &generator)
        damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        try damaged.withUnsafeBytes { try DurableFile.write($0, to: path) }
        let report = try NgramCounts.verify(published, in: store)
        #expect(report.problems.contains { $0.contains(name) && $0.contains("changed") })
        // A reader gets an error or what was published, never anything else.
        guard let damaged = try? NgramCounts(published, in: store) else { continue }
        for order in 1...3 {
          if let found = try? damaged.all(order: order) {
            #expect(found.map(\.count) == expected[order - 1])
          }
        }
        for tokens in some {
          if let found = try? damaged.count(of: tokens) { #expect(found == plain[tokens]) }
        }
      }
      try original.withUnsafeBytes { try DurableFile.write($0, to: path) }
    }
    let manifest = folder + "/manifest.json"
    let original = String(decoding: try bytes(manifest), as: UTF8.self)
    for (old, new) in [("\"distinct\":", "\"distinct\":1"), ("\"format\":1", "\"format\":2")] {
      try DurableFile.write(original.replacing(old, with: new), to: manifest)
      #expect(throws: CountError.self) { try NgramCounts(published, in: store) }
      #expect(try !NgramCounts.verify(published, in: store).problems.isEmpty)
    }
    try DurableFile.write(original, to: manifest)
    #expect(try NgramCounts.verify(published, in: store).problems.isEmpty)
  }
}
