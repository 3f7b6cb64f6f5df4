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

  /// Lets a request in, to read its body: it has no place among those that are answered yet, so that
  /// bodies that come slowly keep nobody out.
  ///
  /// - Throws: `ServiceError.busy`.
  func admit() throws(ServiceError) -> Admission {
    guard inFlight < requests, used < bytes else { throw .busy }
    return Admission(self)
  }

  fileprivate func enter() throws(ServiceError) {
    let now = usedRequests.wrappingAdd(1, ordering: .relaxed).newValue
    guard now <= requests else {
      usedRequests.wrappingSubtract(1, ordering: .relaxed)
      throw .busy
    }
  }

  fileprivate func leave(bytes: Int, hasPlace: Bool) {
    if hasPlace { usedRequests.wrappingSubtract(1, ordering: .relaxed) }
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
  private let hasPlace = Atomic(false)

  fileprivate init(_ budget: MemoryBudget) { self.budget = budget }

  deinit {
    budget.leave(
      bytes: taken.load(ordering: .relaxed), hasPlace: hasPlace.load(ordering: .relaxed))
  }

  /// Takes a place among the requests that are answered, once all of it was read.
  ///
  /// - Throws: `ServiceError.busy`.
  func enter() throws(ServiceError) {
    try budget.enter()
    hasPlace.store(true, ordering: .relaxed)
  }

  /// Takes bytes until the request's end.
  ///
  /// - Throws: `ServiceError.busy`.
  func take(_ bytes: Int) throws(ServiceError) {
    try budget.take(bytes)
    taken.wrappingAdd(bytes, ordering: .relaxed)
  }
}
