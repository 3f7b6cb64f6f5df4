import Samples

/// What became of a record.
enum RecordOutcome {
  /// Its sample was appended.
  case sample
  /// It was left out, for a reason to be counted.
  case leftOut(String)
  /// It is no sample, but the next one can be read.
  case bad(reason: String, member: String? = nil, excerpt: [UInt8] = [])
  /// There is none.
  case end
}

/// A format's records one after another; what `RecordReader` makes batches of.
protocol RecordSource: AnyObject {
  /// The place behind the last record that `next` returned.
  var position: CorpusPosition { get }
  /// The number of the record that comes next, from 1, as messages call it.
  var number: Int { get }
  /// What messages call the record that `next` returned last, or in which it failed.
  ///
  /// - Parameter number: what `number` was before.
  /// - Returns: `nil` where a unit is one record, and the path says all.
  func nameOfLast(_ number: Int) -> Int?
  /// Parts of records that were left out since this was last asked, by reason.
  func takeLeftOut() -> [String: Int]
  /// Appends the next record's sample; where it is bad, whatever was appended is taken back.
  ///
  /// - Throws: what ends the unit.
  func next(to bytes: inout [UInt8]) throws -> RecordOutcome
  /// Whether the file is still the one that was opened.
  var isUnchanged: Bool { get }
}

extension RecordSource {
  func takeLeftOut() -> [String: Int] { [:] }

  func nameOfLast(_ number: Int) -> Int? { number }
}

/// Makes batches of a source's records.
final class RecordReader: CorpusReader {
  private let path: String
  private let open: () throws -> any RecordSource
  private var source: (any RecordSource)?
  private var isOver = false

  /// The most samples, and the most bad records, of a batch.
  static let sampleLimit = 1 << 18
  static let badLimit = 1 << 10

  /// - Parameter open: called at the first batch, so that what is wrong with a file's head is a
  ///   bad record like others.
  init(path: String, open: @escaping () throws -> any RecordSource) {
    self.path = path
    self.open = open
  }

  func nextBatch(bytes: Int) throws -> RecordBatch? {
    if isOver { return nil }
    var batch = RecordBatch()
    do {
      let source = try self.source ?? open()
      self.source = source
      try read(source, bytes: bytes, into: &batch)
    } catch {
      isOver = true
      batch.bytes.removeSubrange((batch.ends.last ?? 0)...)
      batch.append(
        BadRecord(
          path: path, record: source.flatMap { $0.nameOfLast($0.number) },
          reason: reason(of: error), endsUnit: true))
    }
    if isOver && batch.ends.isEmpty && batch.bad.isEmpty && batch.leftOutRuns.isEmpty {
      return nil
    }
    return batch
  }

  private func read(
    _ source: any RecordSource, bytes: Int, into batch: inout RecordBatch
  ) throws {
    // A little more: the last sample goes over the mark.
    batch.bytes.reserveCapacity(min(bytes, 8 << 20) / 8 * 9)
    while batch.bytes.count < bytes || batch.ends.isEmpty, batch.ends.count < Self.sampleLimit,
      batch.bad.count < Self.badLimit
    {
      let number = source.number
      let start = batch.bytes.count
      let outcome = try source.next(to: &batch.bytes)
      // Before the record's sample: who goes on behind that does not meet its parts again.
      for (reason, count) in source.takeLeftOut() { batch.leaveOut(reason, count: count) }
      if case .sample = outcome {
        batch.ends.append(batch.bytes.count)
        batch.positions.append(source.position)
        continue
      }
      batch.bytes.removeSubrange(start...)
      switch outcome {
      case .sample: break
      case .leftOut(let reason): batch.leaveOut(reason)
      case .bad(let reason, let member, let excerpt):
        batch.append(
          BadRecord(
            path: path, record: source.nameOfLast(number), member: member, reason: reason,
            excerpt: Array(excerpt.prefix(4096))))
      case .end:
        isOver = true
        if !source.isUnchanged { throw BinaryFault.changed }
        return
      }
    }
  }
}
