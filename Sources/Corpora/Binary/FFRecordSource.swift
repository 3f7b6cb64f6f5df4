import CZlib
import Samples

/// High-Flyer's FFRecord: samples of bytes with a CRC32 each (see `Schemas/foreign-formats.md`).
final class FFRecordSource: RecordSource {
  private let unit: CorpusUnit
  private let options: CorpusOptions
  private let isDocument: Bool
  private let bytes: ForwardBytes
  private let header: FFRecordHeader
  private var records: Int

  init(
    _ unit: CorpusUnit, from position: CorpusPosition, options: CorpusOptions, kind: SampleKind
  ) throws {
    self.unit = unit
    self.options = options
    isDocument = kind == .document
    bytes = try ForwardBytes(unit)
    header = try FFRecordHeader(bytes, part: unit.part, limit: options.recordLimit)
    records = min(max(0, position.records), header.checksums.count)
  }

  var position: CorpusPosition { CorpusPosition(records: records) }
  var number: Int { header.first + records + 1 }
  var isUnchanged: Bool { bytes.isUnchanged }

  func next(to target: inout [UInt8]) throws -> RecordOutcome {
    guard records < header.checksums.count else { return .end }
    guard let start = header.offsets[records] else { return .end }
    let end = header.offsets[records + 1]
    let checksum = header.checksums[records]
    records += 1
    var sample: [UInt8] = []
    if let end {
      guard end - start <= options.recordLimit else { return tooLarge }
      try bytes.move(to: start)
      try bytes.take(end - start, of: "the sample", to: &sample)
    } else {
      // The last sample of a compressed file ends where the file does.
      try bytes.move(to: start)
      while try !bytes.isAtEnd() {
        guard sample.count < options.recordLimit else { return tooLarge }
        let step = min(1 << 20, options.recordLimit - sample.count)
        try sample.append(upTo: step) { try bytes.read(into: $0) }
      }
    }
    guard FFRecordHeader.checksum(0, sample) == checksum else {
      return .bad(reason: "its CRC32 is not the one in the file's head", excerpt: sample)
    }
    guard isDocument else {
      target.append(contentsOf: sample)
      return .sample
    }
    var document = DocumentParts()
    document.text = sample
    document.complete(options)
    return document.append(options, to: &target)
  }

  private var tooLarge: RecordOutcome {
    .bad(reason: "it is over the limit of \(options.recordLimit) bytes a record")
  }
}

/// The head of an FFRecord file, or of a part of its samples.
struct FFRecordHeader {
  /// The first sample of the part.
  let first: Int
  /// Samples in the file.
  let total: Int
  /// The CRC32 of each sample of the part.
  private(set) var checksums: [UInt32] = []
  /// Where each sample of the part starts, and where the last one ends (`nil`: at the file's end,
  /// which is not known).
  private(set) var offsets: [Int?] = []

  /// Reads and checks the head: its own CRC32, and offsets that lie behind it in order.
  ///
  /// - Parameter part: the samples to remember, `nil` for all.
  /// - Parameter limit: the most bytes that the head of a compressed file may have.
  init(_ bytes: ForwardBytes, part: Range<Int>?, limit: Int) throws {
    let front = try bytes.take(12, of: "the head of the file")
    let count = front.number(Int64.self, at: 4)
    let most = ((bytes.count ?? limit) - 12) / 12
    guard count >= 0, count <= most else {
      throw BinaryFault(
        bytes.count == nil && count > most
          ? "its head claims \(count) samples, which is over the limit for a compressed file; "
            + "decompress it first"
          : "its head claims \(count) samples, the file can hold \(max(0, most)); "
            + "check that this is an FFRecord file")
    }
    total = Int(count)
    let range = (part ?? 0..<total).clamped(to: 0..<total)
    first = range.lowerBound
    var checksum = Self.checksum(0, Array(front[4...]))
    try Self.walk(total, size: 4, bytes, &checksum) { index, piece, offset in
      if range.contains(index) { checksums.append(piece.number(UInt32.self, at: offset)) }
    }
    let dataStart = 12 + 12 * total
    var last = dataStart
    try Self.walk(total, size: 8, bytes, &checksum) { index, piece, offset in
      let place = piece.number(Int64.self, at: offset)
      guard place >= Int64(last), place <= Int64(bytes.count ?? Int.max),
        index > 0 || place == Int64(dataStart)
      else {
        throw BinaryFault("sample \(index + 1) starts at byte \(place), which is no place for it")
      }
      last = Int(place)
      if index >= range.lowerBound, index <= range.upperBound { offsets.append(last) }
    }
    guard checksum == front.number(UInt32.self, at: 0) else {
      throw BinaryFault("the CRC32 of its head is wrong; copy the file again")
    }
    if range.upperBound == total { offsets.append(bytes.count) }
    if total == 0, let count = bytes.count, count != dataStart {
      throw BinaryFault("it has no samples but \(count - dataStart) bytes of them")
    }
  }

  /// Reads `count` numbers of `size` bytes in pieces.
  private static func walk(
    _ count: Int, size: Int, _ bytes: ForwardBytes, _ checksum: inout UInt32,
    _ body: (_ index: Int, _ piece: [UInt8], _ offset: Int) throws -> Void
  ) throws {
    var index = 0
    var piece: [UInt8] = []
    while index < count {
      let step = min(1 << 16, count - index)
      piece.removeAll(keepingCapacity: true)
      try bytes.take(step * size, of: "the head of the file", to: &piece)
      checksum = Self.checksum(checksum, piece)
      for number in 0..<step { try body(index + number, piece, number * size) }
      index += step
    }
  }

  /// zlib's CRC32 of more bytes.
  static func checksum(_ checksum: UInt32, _ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer {
      $0.isEmpty ? checksum : UInt32(crc32_z(UInt(checksum), $0.baseAddress, $0.count))
    }
  }
}
