import Samples

/// Cuts documents' tokens into samples: a document a sample, or all of them end to end in samples
/// of one length, with the places kept at which documents start. No token is lost or doubled.
struct TokenPacker {
  /// How samples lie.
  let layout: TokenLayout
  private let length: Int?
  private var ids: [UInt32] = []
  private var starts: [Int] = []

  /// - Parameter width: bytes of an id, 2 or 4.
  /// - Parameter length: tokens of a sample; `nil`: a sample a document.
  init(width: Int, length: Int?) {
    self.length = length
    layout = TokenLayout(width: width, length: length, hasBoundaries: length != nil)
  }

  /// Adds a document; calls `emit` with the bytes of each sample that is complete.
  mutating func append(
    _ document: some Collection<Int32>, _ emit: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    guard let length else {
      ids.removeAll(keepingCapacity: true)
      for id in document { ids.append(UInt32(bitPattern: id)) }
      return try complete(emit)
    }
    guard !document.isEmpty else { return }
    // Where the document before it filled a sample, that one has been emitted.
    starts.append(ids.count)
    for id in document {
      ids.append(UInt32(bitPattern: id))
      if ids.count == length { try complete(emit) }
    }
  }

  /// Emits what is left, a last sample shorter than the others.
  mutating func finish(_ emit: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    if length != nil, !ids.isEmpty { try complete(emit) }
  }

  private mutating func complete(_ emit: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(ids.count * layout.width + 4 * starts.count + 4)
    layout.append(ids: ids, starts: starts, to: &bytes)
    ids.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    try bytes.withUnsafeBytes(emit)
  }
}
