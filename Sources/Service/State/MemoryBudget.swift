import Synchronization

/// Bytes that requests may use at once: their bodies, their answers, and what was written to clients
/// that have not read it yet. And how many requests there may be.
final class MemoryBudget: Sendable {
  let bytes: Int
  let requests: Int
  private let usedBytes = Atomic(0)
  private let usedRequests = Atomic(0)

  init(bytes: Int, requests: Int) {
    self.bytes = bytes
    self.requests = requests
  }

  /// Bytes in use.
  var used: Int { usedBytes.load(ordering: .relaxed) }
  /// Requests being answered.
  var inFlight: Int { usedRequests.load(ordering: .relaxed) }

  /// Lets a request in.
  ///
  /// - Throws: `ServiceError.busy`.
  func admit() throws(ServiceError) -> Admission {
    let now = usedRequests.wrappingAdd(1, ordering: .relaxed).newValue
    guard now <= requests, used < bytes else {
      usedRequests.wrappingSubtract(1, ordering: .relaxed)
      throw .busy
    }
    return Admission(self)
  }

  fileprivate func leave(bytes: Int) {
    usedRequests.wrappingSubtract(1, ordering: .relaxed)
    usedBytes.wrappingSubtract(bytes, ordering: .relaxed)
  }

  fileprivate func take(_ count: Int) throws(ServiceError) {
    let now = usedBytes.wrappingAdd(count, ordering: .relaxed).newValue
    guard now <= bytes else {
      usedBytes.wrappingSubtract(count, ordering: .relaxed)
      throw .busy
    }
  }

  /// Counts bytes that a client has yet to read: what is written is written, whatever the limit.
  func addPending(_ count: Int) { usedBytes.wrappingAdd(count, ordering: .relaxed) }
  /// Counts them off.
  func removePending(_ count: Int) { usedBytes.wrappingSubtract(count, ordering: .relaxed) }
}

/// A request that was let in: gives back what it took when nobody needs it any more.
final class Admission: Sendable {
  private let budget: MemoryBudget
  private let taken = Atomic(0)

  fileprivate init(_ budget: MemoryBudget) { self.budget = budget }

  deinit { budget.leave(bytes: taken.load(ordering: .relaxed)) }

  /// Takes bytes until the request's end.
  ///
  /// - Throws: `ServiceError.busy`.
  func take(_ bytes: Int) throws(ServiceError) {
    try budget.take(bytes)
    taken.wrappingAdd(bytes, ordering: .relaxed)
  }
}
