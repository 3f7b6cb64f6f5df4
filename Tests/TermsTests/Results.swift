import Synchronization

/// What several threads found, by number.
final class Results: Sendable {
  private let found: Mutex<[[[UInt8]]]>

  init(count: Int) { found = Mutex(Array(repeating: [], count: count)) }

  func set(_ index: Int, _ result: [[UInt8]]) { found.withLock { $0[index] = result } }

  var all: [[[UInt8]]] { found.withLock { $0 } }
}
