import Foundation
import SeededRandom
import Synchronization
import Testing

@testable import DatasetBuilder

@Suite struct OrderedReadersTests {
  private struct Failure: Error {}

  /// Batches of unit `unit`: how many and how large depends on it alone.
  private static func batches(of unit: Int) -> [Int] {
    var random = SeededGenerator(seed: UInt64(unit))
    return (0..<Int.random(in: 0...5, using: &random)).map { _ in
      Int.random(in: 1...1000, using: &random)
    }
  }

  @Test(arguments: [1, 2, 7]) func batchesComeInTheUnitsOrder(threads: Int) throws {
    let readers = OrderedReaders<Int>(units: 3..<200, threads: threads, bytesLimit: 5000) {
      unit, deliver in
      for batch in Self.batches(of: unit) {
        if unit.isMultiple(of: 17) { usleep(200) }
        guard deliver(batch, batch) else { return }
      }
    }
    defer { readers.cancel() }
    var found: [Int: [Int]] = [:]
    var ended: [Int] = []
    while let event = try readers.next() {
      switch event {
      case .batch(let unit, let batch):
        #expect(unit == 3 + ended.count)
        found[unit, default: []].append(batch)
      case .end(let unit): ended.append(unit)
      }
    }
    #expect(ended == Array(3..<200))
    for unit in 3..<200 { #expect(found[unit, default: []] == Self.batches(of: unit)) }
  }

  @Test func whatWaitsIsBounded() throws {
    let made = Atomic(0)
    let readers = OrderedReaders<Int>(units: 0..<1000, threads: 4, bytesLimit: 10_000) {
      _, deliver in
      made.add(1000, ordering: .relaxed)
      _ = deliver(1, 1000)
    }
    defer { readers.cancel() }
    usleep(100_000)
    // The limit, and one batch in each thread's hands.
    #expect(made.load(ordering: .relaxed) <= 10_000 + 5 * 1000)
    var events = 0
    while try readers.next() != nil { events += 1 }
    #expect(events == 2000)
  }

  /// Units without batches, behind one that takes long: their number is bounded too.
  @Test func unitsAheadAreBounded() throws {
    let begun = Atomic(0)
    let gate = DispatchSemaphore(value: 0)
    let readers = OrderedReaders<Int>(units: 0..<20_000, threads: 2) { unit, _ in
      begun.add(1, ordering: .relaxed)
      if unit == 0 { gate.wait() }
    }
    defer { readers.cancel() }
    // Until nothing moves any more.
    var last = -1
    while begun.load(ordering: .relaxed) != last {
      last = begun.load(ordering: .relaxed)
      usleep(200_000)
    }
    #expect((4000...4200).contains(last))
    gate.signal()
    var events = 0
    while try readers.next() != nil { events += 1 }
    #expect(events == 20_000)
  }

  @Test func anErrorComesBehindTheBatchesBeforeIt() throws {
    let readers = OrderedReaders<Int>(units: 0..<50, threads: 3) { unit, deliver in
      if unit == 20 { throw Failure() }
      _ = deliver(unit, 1)
    }
    defer { readers.cancel() }
    var last = -1
    #expect(throws: Failure.self) {
      while let event = try readers.next() {
        if case .batch(let unit, _) = event { last = unit }
      }
    }
    #expect(last < 20)
  }

  @Test func cancellingEndsThreadsThatWait() throws {
    let running = Atomic(0)
    let readers = OrderedReaders<Int>(units: 0..<100, threads: 4, bytesLimit: 10) { _, deliver in
      running.add(1, ordering: .relaxed)
      while deliver(0, 100) {}
      running.add(-1, ordering: .relaxed)
    }
    _ = try readers.next()
    readers.cancel()
    #expect(running.load(ordering: .relaxed) == 0)
  }
}
