import Foundation
import Storage

/// Work over all samples of a dataset on several threads.
extension Dataset {
  /// Samples of a part: enough to be worth a reader, few enough to share the work out.
  private static let samplesOfPart = 2048
  private static let bytesOfPart = 8 << 20

  /// Neighbouring samples that together are all of them, cut at extents where they are small.
  ///
  /// - Throws: `DatasetError.corrupt` where a page cannot be read.
  func parts() throws -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = 0
    var bytes = 0
    try forEachExtent { extent, first in
      bytes += extent.rawBytes
      let end = first + extent.count
      guard bytes >= Self.bytesOfPart || end - start >= Self.samplesOfPart else { return }
      parts.append(start..<end)
      (start, bytes) = (end, 0)
    }
    if start < count { parts.append(start..<count) }
    return parts
  }

  /// Calls `body` with every part and a reader, on several threads.
  ///
  /// - Throws: the first error of `body`.
  func forEachPart(
    threads: Int, _ body: @Sendable (_ samples: Range<Int>, _ reader: SampleReader) throws -> Void
  ) throws {
    let parts = try parts()
    _ = try Workers.map(parts.count, threads: threads) { number, _ in
      try body(parts[number], SampleReader(self))
    }
  }
}
