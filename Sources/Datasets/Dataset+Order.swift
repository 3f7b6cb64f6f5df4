import SampleOrder

extension Dataset {
  /// The order of an epoch of this version.
  ///
  /// - Throws: `SampleOrderError`; `DatasetError.corrupt` where `chunked` needs a page that cannot
  ///   be read.
  /// - Complexity: constant; O(extents) for `chunked`, which takes each extent for a chunk.
  public func order(_ kind: EpochOrder.Kind, seed: UInt64, epoch: Int) throws -> EpochOrder {
    guard case .chunked = kind else {
      return try EpochOrder(kind, count: count, seed: seed, epoch: epoch)
    }
    var starts: [Int] = []
    try forEachExtent { _, start in starts.append(start) }
    return try EpochOrder(kind, chunkStarts: starts + [count], seed: seed, epoch: epoch)
  }
}
