#if PLANTED_FAULTS
import Foundation

/// Faults that are there on purpose, to see that `Tools/torture` finds them. Built with
/// `-Xswiftc -DPLANTED_FAULTS` alone; `ENGRAM_PLANTED` names the one that is on.
package enum PlantedFault: String, Sendable {
  /// A commit, and a durable put of context blocks, are acknowledged without their flush.
  case noCommitSync = "no-commit-sync"
  /// Rows and blocks of chunks are not compared with their checksums.
  case noChecksum = "no-checksum"
  /// Files get their names before their bytes are written and flushed.
  case renameFirst = "rename-first"
  /// Garbage is collected under readers that have a dropped version open.
  case gcIgnoresReaders = "gc-ignores-readers"

  /// A name that is none ends the process: it would find nothing, and seem to be well.
  private static let planted: PlantedFault? = {
    guard let name = ProcessInfo.processInfo.environment["ENGRAM_PLANTED"], !name.isEmpty else {
      return nil
    }
    guard let fault = PlantedFault(rawValue: name) else {
      fatalError("ENGRAM_PLANTED names no fault: \(name)")
    }
    return fault
  }()

  /// Whether this is the fault that is on.
  package static func isPlanted(_ fault: PlantedFault) -> Bool { planted == fault }
}
#endif
