import Samples

/// Token ids to be written.
struct WrittenTokens {
  /// The ids' bytes, `width` each.
  let ids: UnsafeRawBufferPointer
  /// Where documents start.
  let starts: [Int]
  private let width: Int

  /// - Throws: `CorpusWriterError.sample` where the bytes are no such ids.
  init(
    _ sample: UnsafeRawBufferPointer, _ layout: TokenLayout, number: Int, path: String
  ) throws(CorpusWriterError) {
    do {
      let parts = try layout.parts(of: sample)
      ids = UnsafeRawBufferPointer(rebasing: sample[parts.ids])
      starts = parts.starts
    } catch { throw .sample(number: number, path: path, reason: "\(error)") }
    width = layout.width
  }

  /// Ids in the sample.
  var count: Int { ids.count / width }

  /// An id.
  func id(_ index: Int) -> UInt32 {
    width == 2
      ? UInt32(UInt16(littleEndian: ids.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)))
      : UInt32(littleEndian: ids.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
  }
}

/// Numbers as digits.
enum DecimalText {
  /// Appends a number.
  static func append(_ number: UInt32, to bytes: inout [UInt8]) {
    if number >= 10 { append(number / 10, to: &bytes) }
    bytes.append(0x30 + UInt8(number % 10))
  }
}
