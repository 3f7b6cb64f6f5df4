import Synchronization

/// Where a service is in its life.
public enum ServicePhase: Int, AtomicRepresentable, Sendable {
  /// It does not listen yet.
  case starting
  /// It answers.
  case ready
  /// It answers what was accepted, and nothing else.
  case stopping
}
