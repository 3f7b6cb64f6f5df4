/// Token ids that grow at the end, in memory of one owner: an array would check at every append
/// whether it is shared.
final class TokenBuffer {
  private var base: UnsafeMutablePointer<Int32>
  private var capacity: Int
  private(set) var count = 0

  init() {
    capacity = 1024
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  /// The ids so far. Valid until the next change.
  var ids: UnsafeBufferPointer<Int32> { UnsafeBufferPointer(start: base, count: count) }

  @inline(__always)
  func append(_ id: Int32) {
    if count == capacity { grow() }
    base[count] = id
    count &+= 1
  }

  func append(contentsOf ids: some Sequence<Int32>) {
    for id in ids { append(id) }
  }

  /// Empties the buffer; what a very long text needed is given back.
  func removeAll() {
    count = 0
    guard capacity > 1 << 20 else { return }
    base.deallocate()
    capacity = 1024
    base = .allocate(capacity: capacity)
  }

  private func grow() {
    let larger = UnsafeMutablePointer<Int32>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity *= 2
  }
}
