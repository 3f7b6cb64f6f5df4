import Samples

/// Reads an array of token ids, a sample after another.
///
/// Where the file has ids as samples have them, a batch is one read into its own buffer.
final class NpyReader: CorpusReader {
  private let unit: CorpusUnit
  private let options: CorpusOptions
  private let width: Int
  private var records: Int
  private var isOver = false
  private var opened: (bytes: ForwardBytes, array: NpyArray, range: Range<Int>)?
  private var scratch: [UInt8] = []

  /// - Parameter width: bytes of an id in the samples.
  init(_ unit: CorpusUnit, from position: CorpusPosition, options: CorpusOptions, width: Int) {
    self.unit = unit
    self.options = options
    self.width = width
    records = max(0, position.records)
  }

  func nextBatch(bytes: Int) throws -> RecordBatch? {
    if isOver { return nil }
    var batch = RecordBatch()
    do {
      try read(bytes, &batch)
    } catch {
      isOver = true
      let number = opened.map { $0.range.lowerBound + records + 1 }
      batch.append(
        BadRecord(path: unit.path, record: number, reason: reason(of: error), endsUnit: true))
    }
    return batch.ends.isEmpty && batch.bad.isEmpty ? nil : batch
  }

  private func read(_ target: Int, _ batch: inout RecordBatch) throws {
    let (bytes, array, range) = try open()
    let first = range.lowerBound + records
    let sampleBytes = array.length * width
    let count = max(
      0,
      min(
        range.upperBound - first, max(1, target / max(1, sampleBytes)), RecordReader.sampleLimit))
    guard count > 0 else {
      isOver = true
      return try finish(bytes, array, range)
    }
    let size =
      (first..<first + count).upperBound == array.samples
      ? array.header.elements - first * array.length : count * array.length
    if array.header.type.isStored(as: width) {
      try copy(size * width, samples: count, sampleBytes, bytes, &batch)
    } else {
      try convert(samples: first..<first + count, array, bytes, &batch)
    }
  }

  private func open() throws -> (ForwardBytes, NpyArray, Range<Int>) {
    if let opened { return opened }
    let bytes = try ForwardBytes(unit)
    let array = NpyArray(try NpyHeader(bytes), sequenceLength: options.sequenceLength)
    let header = array.header
    if let count = bytes.count, count != header.dataOffset + header.dataBytes {
      throw BinaryFault(
        "its shape \(header.shape) of \(header.type) needs \(header.dataBytes) bytes behind the "
          + "head, there are \(count - header.dataOffset); copy the file again")
    }
    guard array.samples == 0 || array.length <= options.recordLimit / max(width, header.type.size)
    else {
      throw BinaryFault(
        "a sample of \(array.length) tokens is over the limit of \(options.recordLimit) bytes; "
          + "cut the array with a sequence length")
    }
    let range = (unit.part ?? 0..<array.samples).clamped(to: 0..<array.samples)
    let result = (bytes, array, range)
    // The product cannot overflow: the sample is one of the array, or the place behind it.
    let first = min(range.lowerBound + min(records, range.count), range.upperBound)
    let offset = min(first * array.length, header.elements) * header.type.size
    try bytes.move(to: header.dataOffset + offset)
    records = first - range.lowerBound
    opened = result
    return result
  }

  /// The end of the unit: a compressed file must end with its array.
  private func finish(_ bytes: ForwardBytes, _ array: NpyArray, _ range: Range<Int>) throws {
    if bytes.file == nil, range.upperBound == array.samples, try !bytes.isAtEnd() {
      throw BinaryFault("there are bytes behind the array; store one array a file")
    }
    guard bytes.isUnchanged else { throw BinaryFault.changed }
  }

  /// Ids as samples have them: one read.
  private func copy(
    _ size: Int, samples: Int, _ sampleBytes: Int, _ bytes: ForwardBytes, _ batch: inout RecordBatch
  ) throws {
    var failure: (any Error)?
    batch.bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let target = UnsafeMutableRawBufferPointer(
        rebasing: UnsafeMutableRawBufferPointer(buffer)[..<size])
      do { count = try bytes.read(into: target) } catch { failure = error }
    }
    let whole = batch.bytes.count == size ? samples : batch.bytes.count / max(1, sampleBytes)
    batch.ends.reserveCapacity(whole)
    batch.positions.reserveCapacity(whole)
    for sample in 0..<whole {
      records += 1
      batch.ends.append(min(size, (sample + 1) * sampleBytes))
      batch.positions.append(CorpusPosition(records: records))
    }
    if whole < samples {
      batch.bytes.removeSubrange((batch.ends.last ?? 0)...)
      throw failure ?? BinaryFault.cutOff("the array", at: bytes.position)
    }
  }

  /// Ids of another type: every one is looked at.
  private func convert(
    samples: Range<Int>, _ array: NpyArray, _ bytes: ForwardBytes, _ batch: inout RecordBatch
  ) throws {
    batch.bytes.reserveCapacity(samples.count * array.length * width)
    for sample in samples {
      scratch.removeAll(keepingCapacity: true)
      let size = array.tokens(of: sample) * array.header.type.size
      try bytes.take(size, of: "the array", to: &scratch)
      let failure = scratch.withUnsafeBytes {
        array.header.type.append($0, width: width, to: &batch.bytes)
      }
      records += 1
      if let failure {
        batch.append(
          BadRecord(
            path: unit.path, record: sample + 1,
            reason: "its element \(failure.index) is \(failure.value), which is no token id of "
              + "\(width) bytes", excerpt: Array(scratch.prefix(4096))))
        if batch.bad.count >= RecordReader.badLimit { return }
      } else {
        batch.ends.append(batch.bytes.count)
        batch.positions.append(CorpusPosition(records: records))
      }
    }
  }
}
