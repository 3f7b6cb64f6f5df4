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

extension WrittenTokens {
  /// Appends the ids as digits with commas between them.
  func appendList(to bytes: inout [UInt8]) {
    // At most ten digits and a comma each.
    bytes.append(upTo: 11 * count) { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      var target = base
      for index in 0..<count {
        if index > 0 {
          target.storeBytes(of: UInt8(ascii: ","), as: UInt8.self)
          target += 1
        }
        var rest = id(index)
        var digits = 1
        var limit: UInt64 = 10
        while UInt64(rest) >= limit {
          digits += 1
          limit *= 10
        }
        for place in stride(from: digits - 1, through: 0, by: -1) {
          target.storeBytes(
            of: UInt8(truncatingIfNeeded: 0x30 + rest % 10), toByteOffset: place, as: UInt8.self)
          rest /= 10
        }
        target += digits
      }
      return target - base
    }
  }
}
