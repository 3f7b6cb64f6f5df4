import Samples

/// The sequences of a Megatron-LM `.bin` file, each a sample.
final class MegatronSource: RecordSource {
  private let options: CorpusOptions
  private let width: Int
  private let index: MegatronIndex
  private let bytes: ForwardBytes
  private let range: Range<Int>
  private var records: Int
  private var scratch: [UInt8] = []

  /// - Parameter width: bytes of an id in the samples.
  init(
    _ unit: CorpusUnit, from position: CorpusPosition, options: CorpusOptions, width: Int
  ) throws {
    self.options = options
    self.width = width
    index = try MegatronIndex(path: unit.megatronIndex)
    bytes = try ForwardBytes(unit)
    range = (unit.part ?? 0..<index.count).clamped(to: 0..<index.count)
    records = min(max(0, position.records), range.count)
  }

  var position: CorpusPosition { CorpusPosition(records: records) }
  var number: Int { range.lowerBound + records + 1 }
  var isUnchanged: Bool { index.file.isUnchanged && bytes.isUnchanged }

  func next(to target: inout [UInt8]) throws -> RecordOutcome {
    guard records < range.count else { return .end }
    let number = range.lowerBound + records
    let sequence = try index.sequence(number)
    let size = sequence.tokens * index.type.size
    records += 1
    guard sequence.tokens <= options.recordLimit / max(width, index.type.size) else {
      return .bad(
        reason: "its \(sequence.tokens) tokens are over the limit of \(options.recordLimit) bytes")
    }
    if let count = bytes.count, sequence.offset > count || size > count - sequence.offset {
      records -= 1
      throw BinaryFault(
        "it ends at byte \(sequence.offset + size), the file has \(count); copy the file again")
    }
    try bytes.move(to: sequence.offset)
    if index.type.isStored(as: width) {
      try bytes.take(size, of: "the sequence", to: &target)
      return .sample
    }
    scratch.removeAll(keepingCapacity: true)
    try bytes.take(size, of: "the sequence", to: &scratch)
    let failure = scratch.withUnsafeBytes { index.type.append($0, width: width, to: &target) }
    guard let failure else { return .sample }
    return .bad(
      reason: "its token \(failure.index) is \(failure.value), which is no token id of \(width) "
        + "bytes", excerpt: Array(scratch.prefix(4096)))
  }
}

extension CorpusUnit {
  /// The index beside a Megatron-LM `.bin` file.
  var megatronIndex: String {
    MegatronIndex.path(of: path, compression: compression.fileExtension)
  }
}
