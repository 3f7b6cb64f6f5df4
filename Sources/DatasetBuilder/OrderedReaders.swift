import Corpora
import Foundation

/// Units read by several threads beside one another, whose batches come out in the units' order.
/// What has been read and not taken is bounded in bytes.
final class OrderedReaders<Prepared: Sendable>: @unchecked Sendable {
  /// What comes out.
  enum Event {
    /// The next batch of a unit.
    case batch(unit: Int, Prepared)
    /// A unit is read to its end.
    case end(unit: Int)
  }

  /// Makes the batches of a unit, by calling its second argument with each; stops where that
  /// returns `false`.
  typealias Read =
    @Sendable (_ unit: Int, _ deliver: (_ batch: Prepared, _ bytes: Int) -> Bool) throws -> Void

  private struct Queue {
    var batches: [(Prepared, Int)] = []
    var isEnded = false
  }

  // Every field is used under `condition`'s lock only.
  private let condition = NSCondition()
  private var queues: [Int: Queue] = [:]
  private var head: Int
  private var upcoming: Int
  private var waitingBytes = 0
  private var failure: (any Error)?
  private var isCancelled = false
  private var running: Int

  private let end: Int
  private let bytesLimit: Int
  private let read: Read

  /// Begins to read.
  ///
  /// - Parameter bytesLimit: of batches that wait to be taken, about.
  init(units: Range<Int>, threads: Int, bytesLimit: Int = 128 << 20, read: @escaping Read) {
    head = units.lowerBound
    upcoming = units.lowerBound
    end = units.upperBound
    self.bytesLimit = bytesLimit
    self.read = read
    running = max(1, min(threads, units.count))
    for _ in 0..<running {
      let thread = Thread { [self] in work() }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  /// The next event, `nil` when all units are read.
  ///
  /// - Throws: what reading threw, when the batches before it are taken.
  func next() throws -> Event? {
    condition.lock()
    defer { condition.unlock() }
    while head < end {
      if let batch = queues[head]?.batches.first {
        queues[head]!.batches.removeFirst()
        waitingBytes -= batch.1
        condition.broadcast()
        return .batch(unit: head, batch.0)
      }
      if queues[head]?.isEnded ?? false {
        queues[head] = nil
        head += 1
        condition.broadcast()
        return .end(unit: head - 1)
      }
      if let failure { throw failure }
      condition.wait()
    }
    return nil
  }

  /// Ends all threads, and returns when they have ended.
  func cancel() {
    condition.lock()
    isCancelled = true
    condition.broadcast()
    while running > 0 { condition.wait() }
    condition.unlock()
  }

  private func work() {
    condition.lock()
    while upcoming < end, !isCancelled, failure == nil {
      // Units far ahead of what is taken would only fill memory with their queues.
      if upcoming > head + 4096 || (waitingBytes > bytesLimit && upcoming > head) {
        condition.wait()
        continue
      }
      let unit = upcoming
      upcoming += 1
      queues[unit] = Queue()
      condition.unlock()
      let result = Result { try read(unit) { batch, bytes in deliver(batch, bytes, unit) } }
      condition.lock()
      switch result {
      case .success: queues[unit]?.isEnded = true
      case .failure(let error): failure = failure ?? error
      }
      condition.broadcast()
    }
    running -= 1
    condition.broadcast()
    condition.unlock()
  }

  /// Waits until there is room. The unit that is taken from always has some, so that what waits
  /// for it goes on.
  private func deliver(_ batch: Prepared, _ bytes: Int, _ unit: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while !isCancelled, failure == nil {
      let isFree =
        unit == head ? queues[unit]!.batches.count < 16 : waitingBytes + bytes <= bytesLimit
      if isFree { break }
      condition.wait()
    }
    guard !isCancelled, failure == nil else { return false }
    queues[unit]!.batches.append((batch, bytes))
    waitingBytes += bytes
    condition.broadcast()
    return true
  }
}
