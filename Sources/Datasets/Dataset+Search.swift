import Foundation
import Synchronization

extension Dataset {
  /// The first document of this `id`, found by looking at all of them; `nil` where none has it.
  ///
  /// - Parameter progress: called with samples done and in all, from one thread at a time.
  /// - Throws: `DatasetError.badSample`, `ChunkError`, what `progress` throws.
  public func firstDocument(
    id: String, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    progress: @Sendable (Int, Int) throws -> Void = { _, _ in }
  ) throws -> Int? {
    let wanted = Array(id.utf8)
    let found = Mutex<Int?>(nil)
    let done = Mutex(0)
    try forEachPart(threads: threads) { samples, reader in
      for number in samples {
        if let best = found.withLock({ $0 }), best < samples.lowerBound { return }
        let isIt = try reader.withParts(number) { _, metadata in
          metadata.id.map { $0.utf8.elementsEqual(wanted) } ?? false
        }
        guard isIt else { continue }
        found.withLock { $0 = min($0 ?? number, number) }
        break
      }
      try done.withLock { done in
        done += samples.count
        try progress(done, count)
      }
    }
    return found.withLock { $0 }
  }
}
