import Digests
import Files
import Foundation
import Storage

/// What a check of published counts found.
public struct CountsVerification: Sendable {
  /// N-grams that were read.
  public var ngrams = 0
  /// Bytes of files read.
  public var bytes = 0
  /// One line for each thing that is wrong; empty where all is well.
  public var problems: [String] = []
}

extension NgramCounts {
  /// Reads every byte of a published version and compares it with what was published: each file's
  /// checksums, each page's, and that all N-grams together are those of the manifest.
  ///
  /// It opens nothing that it has not checked first.
  ///
  /// - Throws: what `progress` throws. What is wrong with the counts is in the result.
  public static func verify(
    _ published: PublishedCounts, in store: Store,
    progress: @escaping NgramCounting.Progress = { _ in }
  ) throws -> CountsVerification {
    let folder = store.tableFolder(published.id)
    var report = CountsVerification()
    let list: FileChecksums
    do {
      list = try FileChecksums.read(folder + "/checksums", digest: published.checksums)
    } catch {
      report.problems.append("\(error)")
      return report
    }
    let total = list.files.reduce(0) { $0 + $1.size }
    let ticker = ProgressTicker(.checking, total: 2 * total, report: progress)
    try list.check(in: folder) { _, problem in
      report.problems.append(problem)
    } advance: { count in
      report.bytes += count
      try ticker.advance(by: count)
    }
    let known = Set(list.files.map(\.name) + ["checksums", "COMMITTED", "db"])
    let present =
      ((try? DurableFile.names(in: folder)) ?? [])
      + ((try? DurableFile.names(in: folder + "/db")) ?? []).map { "db/" + $0 }
    for name in present where !known.contains(name) {
      report.problems.append("\(folder)/\(name) is no file of this version")
    }
    guard report.problems.isEmpty else { return report }
    do {
      let counts = try NgramCounts(published, in: store)
      for totals in counts.manifest.orders {
        try counts.check(totals, into: &report, ticker: ticker)
      }
    } catch let error as CancellationError {
      throw error
    } catch {
      report.problems.append("\(error)")
    }
    return report
  }

  /// Goes through all N-grams of an order as a reader does, and adds them up.
  private func check(
    _ expected: OrderTotals, into report: inout CountsVerification, ticker: ProgressTicker
  ) throws {
    let vocabulary = manifest.subject.tokens.vocabulary
    var hasher = SHA256Hasher()
    var found = OrderTotals(
      order: expected.order, distinct: 0, total: 0, singletons: 0, blocks: 0, content: "")
    try forEachPage(order: expected.order) { key, payload in
      var decoder = BlockDecoder(order: expected.order, vocabulary: vocabulary)
      var entries = 0
      while try advance(&decoder, payload, key) {
        if entries == 0,
          !CountPage.key(
            order: expected.order,
            tokens: UnsafeBufferPointer(start: decoder.tokens, count: expected.order)
          ).elementsEqual(key)
        {
          report.problems.append(
            "\(folder): the page of N-gram \(CountPage.text(ofKey: key)) begins with another one")
        }
        entries += 1
        found.total = found.total &+ decoder.count
        if decoder.count == 1 { found.singletons += 1 }
      }
      found.distinct += UInt64(entries)
      found.blocks += 1
      let header = CountBlock.Header(
        order: expected.order, entries: entries, bytes: payload.count)
      header.encoded.withUnsafeBytes { hasher.update($0) }
      hasher.update(payload)
      try ticker.advance(by: payload.count)
    }
    found.content = hasher.finalize().description
    report.ngrams += Int(clamping: found.distinct)
    if found != expected {
      report.problems.append(
        "the \(expected.order)-grams of \(manifest.title) are not those that were published: their "
          + "digest or their sums are not the manifest's")
    }
  }
}
