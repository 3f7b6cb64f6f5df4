import Synchronization

/// How many connections there are, and what they share.
final class ConnectionCount: Sendable {
  let limits: ServiceLimits
  let budget: MemoryBudget
  private let metrics: ServiceMetrics

  init(limits: ServiceLimits, budget: MemoryBudget, metrics: ServiceMetrics) {
    self.limits = limits
    self.budget = budget
    self.metrics = metrics
  }

  /// A place, until it is left; `nil` where there is none.
  func enter() -> Place? {
    let now = metrics.connections.wrappingAdd(1, ordering: .relaxed).newValue
    guard now <= limits.connections else {
      metrics.connections.wrappingSubtract(1, ordering: .relaxed)
      return nil
    }
    return Place(count: self)
  }

  /// One connection's.
  struct Place: Sendable {
    let count: ConnectionCount
    func leave() { count.metrics.connections.wrappingSubtract(1, ordering: .relaxed) }
  }
}
