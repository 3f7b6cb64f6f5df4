import Samples

/// The samples of a folder of MosaicML streaming shards, or of some of its shards.
final class MDSSource: RecordSource {
  private let unit: CorpusUnit
  private let options: CorpusOptions
  private let kind: SampleKind
  private let tokens: TokenLayout?
  private let index: MDSIndex
  private let range: Range<Int>
  private var records: Int
  private var turn = 0
  private var shard: MDSShard?
  private var rows: MDSRows?
  private(set) var isUnchanged = true

  init(
    _ unit: CorpusUnit, from position: CorpusPosition, options: CorpusOptions, kind: SampleKind,
    tokens: TokenLayout?
  ) throws {
    self.unit = unit
    self.options = options
    self.kind = kind
    self.tokens = tokens
    index = try MDSIndex(folder: unit.path)
    range = (unit.part ?? 0..<index.samples).clamped(to: 0..<index.samples)
    records = min(max(0, position.records), range.count)
  }

  var position: CorpusPosition { CorpusPosition(records: records) }
  var number: Int { range.lowerBound + records + 1 }

  func next(to target: inout [UInt8]) throws -> RecordOutcome {
    guard records < range.count else {
      try close()
      return .end
    }
    let sample = range.lowerBound + records
    while !index.shards[turn].samples.contains(sample) {
      try close()
      turn += 1
    }
    let samples = index.shards[turn].samples
    let shard = try self.shard ?? open()
    let rows = try self.rows ?? makeRows()
    let place = shard.range(sample - samples.lowerBound)
    records += 1
    guard place.count <= options.recordLimit else {
      return .bad(reason: "it is over the limit of \(options.recordLimit) bytes a record")
    }
    try shard.bytes.move(to: place.lowerBound)
    let row = try shard.bytes.take(place.count, of: "its shard \(index.shards[turn].name)")
    do {
      return try rows.append(row, to: &target)
    } catch {
      return .bad(reason: error.reason, excerpt: Array(row.prefix(4096)))
    }
  }

  private func open() throws -> MDSShard {
    let shard = try MDSShard(index.shards[turn], folder: unit.path, limit: options.recordLimit)
    self.shard = shard
    return shard
  }

  private func makeRows() throws -> MDSRows {
    let rows = try MDSRows(
      index.shards[turn].columns, options: options, kind: kind, tokens: tokens)
    self.rows = rows
    return rows
  }

  private func close() throws {
    if let shard {
      isUnchanged = isUnchanged && shard.bytes.isUnchanged
      if shard.bytes.file == nil,
        range.lowerBound + records == index.shards[turn].samples.upperBound, try !shard.isAtEnd()
      {
        throw BinaryFault("its shard \(index.shards[turn].name) does not end where its index says")
      }
    }
    shard = nil
    rows = nil
  }
}
