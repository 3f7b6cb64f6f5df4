import Samples

/// A whole file as one sample.
final class BytesSource: RecordSource {
  private let unit: CorpusUnit
  private let options: CorpusOptions
  private let bytes: ForwardBytes
  private var isRead: Bool

  init(_ unit: CorpusUnit, from position: CorpusPosition, options: CorpusOptions) throws {
    self.unit = unit
    self.options = options
    bytes = try ForwardBytes(unit)
    isRead = position.records > 0
  }

  var position: CorpusPosition { CorpusPosition(records: isRead ? 1 : 0) }
  var number: Int { 1 }
  var isUnchanged: Bool { bytes.isUnchanged }

  func next(to target: inout [UInt8]) throws -> RecordOutcome {
    if isRead { return .end }
    isRead = true
    let limit = options.recordLimit
    if let count = bytes.count, count > limit { return tooLarge }
    let start = target.count
    if let count = bytes.count { try bytes.take(count, of: "the file", to: &target) }
    while try !bytes.isAtEnd() {
      guard target.count - start < limit else { return tooLarge }
      let step = min(1 << 20, limit - (target.count - start))
      try target.append(upTo: step) { try bytes.read(into: $0) }
    }
    return .sample
  }

  private var tooLarge: RecordOutcome {
    .bad(reason: "it is over the limit of \(options.recordLimit) bytes a record")
  }
}
