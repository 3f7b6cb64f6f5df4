import Foundation
import MemoryTables
import Synchronization

/// Clients that ask as fast as they are answered, a thread each, and what they saw.
struct ServeBenchLoad {
  /// What all clients saw together.
  struct Figures {
    /// Rows a second.
    var rate: Double
    /// Milliseconds an answer took: half of them less, 99 of 100 less.
    var p50: Double
    var p99: Double
  }

  /// One client's work: does a batch and says whether the answer was right where it was looked at.
  typealias Work = (_ batch: Int, _ isChecked: Bool) throws -> ServeBenchAnswer

  /// Of so many answers one is compared with the table while the clock runs.
  private static let sample = 16

  let batches: ServeBenchBatches
  let clients: Int

  /// Runs the clients for some seconds.
  ///
  /// - Parameter makeWork: makes a client's work, on its thread.
  /// - Throws: what a client throws first.
  func measure(seconds: Double, _ makeWork: @escaping @Sendable () throws -> Work) throws -> Figures
  {
    let seen = Mutex<(times: [UInt64], failure: (any Error)?)>(([], nil))
    let (batches, clients) = (batches, clients)
    let began = Mutex(DispatchTime.now().uptimeNanoseconds)
    let gate = ServeBenchGate(clients)
    let group = DispatchGroup()
    for client in 0..<clients {
      group.enter()
      let thread = Thread {
        defer { group.leave() }
        do {
          let work: Work
          do {
            work = try makeWork()
            for batch in 0..<min(batches.count, 8) {
              try Self.check(work((batch + client) % batches.count, true))
            }
          } catch {
            gate.pass()
            throw error
          }
          gate.pass()
          if client == 0 { began.withLock { $0 = DispatchTime.now().uptimeNanoseconds } }
          let times = try Self.times(
            until: DispatchTime.now().uptimeNanoseconds + UInt64(seconds * 1e9), batches: batches,
            first: client * 7919, work)
          seen.withLock { $0.times += times }
        } catch {
          seen.withLock { if $0.failure == nil { $0.failure = error } }
        }
      }
      thread.stackSize = 1 << 20
      thread.start()
    }
    group.wait()
    let elapsed = Double(DispatchTime.now().uptimeNanoseconds - began.withLock { $0 }) / 1e9
    let (times, failure) = seen.withLock { ($0.times.sorted(), $0.failure) }
    if let failure { throw failure }
    guard !times.isEmpty else { throw CommandError("no request was answered in \(seconds) s") }
    return Figures(
      rate: Double(times.count * batches.rows) / elapsed,
      p50: Double(times[times.count / 2]) / 1e6,
      p99: Double(times[min(times.count - 1, times.count * 99 / 100)]) / 1e6)
  }

  private static func times(
    until end: UInt64, batches: ServeBenchBatches, first: Int, _ work: Work
  ) throws -> [UInt64] {
    var times: [UInt64] = []
    times.reserveCapacity(1 << 16)
    var batch = first % batches.count
    while true {
      try Interruption.check()
      let answer = try work(batch, times.count % sample == 0)
      try check(answer)
      times.append(answer.nanoseconds)
      if DispatchTime.now().uptimeNanoseconds >= end { return times }
      batch = (batch + 1) % batches.count
    }
  }

  private static func check(_ answer: ServeBenchAnswer) throws {
    guard answer.isRight else {
      throw CommandError("the service gave rows that are not the table's")
    }
  }
}

/// How long an answer took, and whether it was right.
struct ServeBenchAnswer {
  var nanoseconds: UInt64
  var isRight: Bool
}

/// Where clients wait for each other.
final class ServeBenchGate: Sendable {
  private let missing: Mutex<Int>
  private let open = DispatchSemaphore(value: 0)
  private let clients: Int

  init(_ clients: Int) {
    self.clients = clients
    missing = Mutex(clients)
  }

  /// Returns when all have come.
  func pass() {
    let isLast = missing.withLock {
      $0 -= 1
      return $0 == 0
    }
    if isLast { for _ in 1..<max(1, clients) { open.signal() } } else { open.wait() }
  }
}
