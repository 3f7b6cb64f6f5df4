import Files
import Foundation
import Storage
import Synchronization

/// Runs that belong together, as one.
struct RunSet: Sendable {
  /// What they counted, and of which samples.
  let header: RunHeader
  private(set) var runs: [RunFile]
  /// Where intermediate runs go, and whether the runs themselves may be removed.
  let work: String

  /// The most runs that are merged at once: each holds a file and 64 KiB.
  static let fanIn = 128

  /// Runs of parts of a dataset, as `count-map` writes them.
  ///
  /// - Throws: `CountError.otherRun`, `.countedTwice`, `.corruptRun`; `FileError`.
  init(paths: [String], work: String) throws {
    let runs = try paths.map { try RunFile(path: $0) }
    guard let first = runs.first else { throw CountError.noSamples(dataset: "the list of runs") }
    var spans: [SampleSpan] = []
    for run in runs {
      if let (what, here, there) = first.header.subject.difference(from: run.header.subject) {
        throw CountError.otherRun(path: run.path, what: what, expected: here, found: there)
      }
      switch SampleSpan.union(spans + run.header.samples) {
      case .success(let union): spans = union
      case .failure(let overlap):
        throw CountError.countedTwice(
          path: run.path, from: overlap.span.from, to: overlap.span.to)
      }
    }
    self.init(
      header: RunHeader(subject: first.header.subject, samples: spans), runs: runs, work: work)
  }

  /// Runs that this process wrote.
  init(header: RunHeader, runs: [RunFile], work: String) {
    self.header = header
    self.runs = runs
    self.work = work
  }

  /// Entries of all runs: what merging has to go through.
  var entries: Int {
    runs.reduce(0) { $0 + $1.sections.reduce(0) { $0 + Int(clamping: $1.totals.distinct) } }
  }

  /// Bytes of all runs' blocks.
  var bytes: Int { runs.reduce(0) { $0 + $1.end } }

  /// Throws `.incomplete` where a sample of the dataset was not counted.
  func checkComplete() throws(CountError) {
    let count = header.subject.dataset.samples
    var expected = 0
    var missing: [SampleSpan] = []
    for span in header.samples + [SampleSpan(from: count, to: count)] {
      if span.from > expected { missing.append(SampleSpan(from: expected, to: span.from)) }
      expected = span.to
    }
    guard let first = missing.first else { return }
    throw .incomplete(
      dataset: header.subject.dataset.title, missing: missing.reduce(0) { $0 + $1.to - $1.from },
      from: first.from, to: first.to)
  }

  /// Runs with N-grams of an order, `fanIn` at the most: more are merged into intermediate ones.
  private func bounded(order: Int, ticker: ProgressTicker) throws -> [RunFile] {
    var some = runs.filter { $0.section(order: order) != nil }
    var level = 0
    while some.count > Self.fanIn {
      var next: [RunFile] = []
      for start in stride(from: 0, to: some.count, by: Self.fanIn) {
        let part = Array(some[start..<min(some.count, start + Self.fanIn)])
        let path = "\(work)/merged-\(order)-\(level)-\(start).run"
        var subject = header.subject
        subject.orders = .init(lower: order, upper: order)
        let writer = try RunWriter(
          creating: path, header: RunHeader(subject: subject, samples: []))
        try Self.merge(part, order: order, subject: subject, into: writer, ticker: ticker)
        try writer.finish(isDurable: false)
        // Of the level before, not the user's own.
        if level > 0 { for run in part { try DurableFile.remove(run.path) } }
        next.append(try RunFile(path: path))
      }
      some = next
      level += 1
    }
    return some
  }

  private static func merge(
    _ runs: [RunFile], order: Int, subject: CountSubject, into writer: RunWriter,
    ticker: ProgressTicker
  ) throws {
    func add<Key: NgramKey>(_: Key.Type) throws {
      let merger = try RunMerger<Key>(runs, order: order)
      try writer.writeOrder(order, bits: subject.tokenBits, Key.self) { encoder in
        try drain(merger, ticker: ticker) { try encoder.add($0, $1) }
      }
    }
    switch subject.keyWords(order: order) {
    case 1: try add(UInt64.self)
    case 2: try add(UInt128.self)
    default: try add(WideKey.self)
    }
  }

  /// Calls `body` with all N-grams that a merger gives.
  private static func drain<Key: NgramKey>(
    _ merger: RunMerger<Key>, ticker: ProgressTicker, _ body: (Key, UInt64) throws -> Void
  ) throws {
    var steps = 0
    while let (key, count) = try merger.next() {
      try body(key, count)
      steps += 1
      if steps == 1 << 14 {
        try ticker.advance(by: steps)
        steps = 0
      }
    }
    try ticker.advance(by: steps)
  }

  /// Merges all into one run file.
  func write(to path: String, ticker: ProgressTicker) throws {
    let unfinished = path + ".tmp-\(getpid())"
    do {
      let writer = try RunWriter(creating: unfinished, header: header)
      for order in header.subject.orders.range {
        try Self.merge(
          bounded(order: order, ticker: ticker), order: order, subject: header.subject,
          into: writer, ticker: ticker)
      }
      try writer.finish(isDurable: true)
      try ticker.check()
      try DurableFile.rename(unfinished, to: path)
    } catch {
      try? DurableFile.remove(unfinished)
      throw error
    }
  }

  /// The merged N-grams of an order, one by one.
  func merger<Key: NgramKey>(
    order: Int, _: Key.Type, ticker: ProgressTicker
  ) throws -> RunMerger<Key> {
    try RunMerger<Key>(bounded(order: order, ticker: ticker), order: order)
  }

  /// Packs the merged N-grams of an order into blocks.
  ///
  /// - Parameter emit: takes each block with its first N-gram.
  func encode(
    order: Int, ticker: ProgressTicker,
    emit: @escaping (CountBlock.Header, UnsafeRawBufferPointer, _ first: [Int32]) throws -> Void
  ) throws -> OrderTotals {
    let runs = try bounded(order: order, ticker: ticker)
    let bits = header.subject.tokenBits
    func encode<Key: NgramKey>(_: Key.Type) throws -> OrderTotals {
      let merger = try RunMerger<Key>(runs, order: order)
      let encoder = BlockEncoder<Key>(order: order, bits: bits) { header, payload, first in
        try emit(
          header, payload,
          (0..<order).map { Int32(bitPattern: first.token(after: order - 1 - $0, bits: bits)) })
      }
      try Self.drain(merger, ticker: ticker) { try encoder.add($0, $1) }
      return try encoder.finish()
    }
    switch header.subject.keyWords(order: order) {
    case 1: return try encode(UInt64.self)
    case 2: return try encode(UInt128.self)
    default: return try encode(WideKey.self)
    }
  }
}
