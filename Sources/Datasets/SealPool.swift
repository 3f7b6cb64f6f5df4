import ChunkStore
import Foundation

/// Threads that seal full chunks and store them: compression, checksums, names and flushing beside
/// the thread that fills the next chunk. At most as many wait as work.
final class SealPool: @unchecked Sendable {
  // Every field is used under `condition`'s lock only.
  private let condition = NSCondition()
  private var waiting: [(slot: Int, builder: ChunkBuilder)] = []
  private var idle: [ChunkBuilder] = []
  private var sealed: [Int: (chunk: SealedChunk, isNew: Bool)] = [:]
  private var failure: (any Error)?
  private var isClosed = false
  private var running = 0

  private let threads: Int
  private let backend: any ChunkBackend
  private let makeBuilder: @Sendable () -> ChunkBuilder

  init(
    threads: Int, backend: any ChunkBackend,
    makeBuilder: @escaping @Sendable () -> ChunkBuilder
  ) {
    self.threads = max(1, threads)
    self.backend = backend
    self.makeBuilder = makeBuilder
    for _ in 0..<self.threads {
      let thread = Thread { [self] in work() }
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  /// An empty builder, a used one where there is one.
  func builder() -> ChunkBuilder {
    condition.lock()
    defer { condition.unlock() }
    return idle.popLast() ?? makeBuilder()
  }

  /// Hands a full chunk over; waits while too many are waiting.
  ///
  /// - Throws: what went wrong with one handed over before.
  func submit(_ builder: ChunkBuilder, slot: Int) throws {
    condition.lock()
    defer { condition.unlock() }
    precondition(!isClosed, "a writer that has ended")
    while waiting.count >= threads, failure == nil { condition.wait() }
    if let failure { throw failure }
    waiting.append((slot, builder))
    condition.broadcast()
  }

  /// The chunk of a slot, `nil` while it is being sealed.
  ///
  /// - Parameter isWaiting: waits until it is there.
  func take(slot: Int, isWaiting: Bool) throws -> (chunk: SealedChunk, isNew: Bool)? {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let found = sealed.removeValue(forKey: slot) { return found }
      if let failure { throw failure }
      guard isWaiting else { return nil }
      precondition(!isClosed, "a writer that has ended")
      condition.wait()
    }
  }

  /// Ends the threads when they have nothing left to do.
  func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    // What they store must not appear behind the caller's back.
    waiting = []
    while running > 0 { condition.wait() }
    condition.unlock()
  }

  private func work() {
    condition.lock()
    while true {
      while waiting.isEmpty, !isClosed { condition.wait() }
      guard !isClosed, !waiting.isEmpty else { break }
      let (slot, builder) = waiting.removeFirst()
      running += 1
      condition.broadcast()
      condition.unlock()
      let result = Result {
        let chunk = builder.seal()
        return (chunk, try builder.withFile { try backend.putIfAbsent(chunk.name, $0) })
      }
      builder.reset()
      condition.lock()
      running -= 1
      idle.append(builder)
      switch result {
      case .success(let chunk): sealed[slot] = chunk
      case .failure(let error): failure = failure ?? error
      }
      condition.broadcast()
    }
    condition.unlock()
  }
}
