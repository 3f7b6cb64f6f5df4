import Dispatch
import Synchronization

/// Work that falls into numbered parts, on several threads.
package enum Workers {
  /// The results of `body` for 0..<count, in order. The first error stops what has not begun, is
  /// shown to what has by `isCancelled`, and is thrown.
  package static func map<Result: Sendable>(
    _ count: Int, threads: Int,
    _ body: @Sendable (_ number: Int, _ isCancelled: () -> Bool) throws -> Result
  ) throws -> [Result] {
    let results = Mutex<[Int: Result]>([:])
    let failure = Mutex<(any Error)?>(nil)
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < count, failure.withLock({ $0 == nil }) else { return }
        do {
          let result = try body(number) { failure.withLock { $0 != nil } }
          results.withLock { $0[number] = result }
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return results.withLock { results in (0..<count).compactMap { results[$0] } }
  }
}
