import Foundation
import Synchronization

/// Ctrl-C and a polite kill during long work: the work stops at its next step, cleans up and
/// leaves the old state. A second Ctrl-C ends the process at once.
enum Interruption {
  private static let isRequested = Atomic(false)

  /// From now on SIGINT and SIGTERM only ask.
  static func watch() {
    // A parent that starts us from a thread that blocks signals hands that on.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&signals, number)
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in
        Interruption.isRequested.store(true, ordering: .relaxed)
      }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
      sigaction(number, &action, nil)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Whether somebody asked: for work that ends in order instead of throwing.
  static var isAsked: Bool { isRequested.load(ordering: .relaxed) }

  /// Throws `CancellationError` where somebody asked.
  static func check() throws {
    if isAsked { throw CancellationError() }
  }
}
