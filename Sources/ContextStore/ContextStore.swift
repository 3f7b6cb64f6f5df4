import Files
import Foundation
import Storage
import Synchronization

/// A context store: attention state of prompts on disk, found by prefix.
///
///     let store = try ContextStore(path: "context", mode: .writing,
///       options: .init(capacityBytes: 64 << 30))
///     let space = try store.space(namespace)
///     try space.putDurable(.tokens(prompt), range: 0..<32, parts: ["latent": bytes])
///     let prefix = try space.lookup(.tokens(other))
///     let there = try prefix.get("latent", layers: 0..<61, blocks: 0..<prefix.blockCount, into: buffer)
///
/// It is a cache by contract: anything may be a miss, nothing is ever wrong, and what was put as durable
/// is there after a crash unless it had to make room. One process writes, others may read beside it. All
/// calls may be made from any number of threads at once.
public final class ContextStore: Sendable {
  /// What a store is opened for.
  public enum Mode: Sendable {
    /// Reading what is there now; `refresh()` looks again.
    case reading
    /// Reading and writing; makes the store where there is none.
    case writing
  }

  /// How a store is opened.
  public struct Options: Sendable {
    /// The cap: the folder's files never take more. Kept with the store; `nil` leaves what is kept, for
    /// a new store half of the disk's free space, at most 64 GiB.
    public var capacityBytes: Int?
    /// Bytes of a segment, what is evicted at once; `nil`: a thirty-second of the cap, at most 256 MiB.
    public var segmentBytes: Int?
    /// Told of what was found damaged or could not be stored, one line each.
    public var log: @Sendable (String) -> Void

    /// The defaults; lines go to standard error.
    public init(
      capacityBytes: Int? = nil, segmentBytes: Int? = nil,
      log: @escaping @Sendable (String) -> Void = { line in
        FileHandle.standardError.write(Data("engram context: \(line)\n".utf8))
      }
    ) {
      self.capacityBytes = capacityBytes
      self.segmentBytes = segmentBytes
      self.log = log
    }
  }

  /// The format that this program writes, and the newest it reads.
  public static let formatVersion = 1

  /// The store's folder.
  public let path: String
  /// What it was opened for.
  public let mode: Mode
  /// The cap, bytes; what the state file says where it was opened for reading.
  public let capacityBytes: Int
  /// Bytes of a segment when it is begun.
  public let segmentBytes: Int

  let log: @Sendable (String) -> Void
  let state = Mutex(StoreState())
  let clock: ContextClock
  /// Held by whoever appends: chooses places, begins segments, evicts.
  let appending: Mutex<Appending>
  /// Signalled when a block that was being stored is there, or is not.
  let claims = NSCondition()
  /// Held while a small file is replaced: whoever comes last writes what is true last.
  private let files = Mutex(())
  private let lock: Mutex<WriterLock?>

  /// Opens the store in the folder `path`.
  ///
  /// - Throws: `ContextError`, `FileError`.
  /// - Complexity: O(segments), and 24 bytes read a block; what a crash left unflushed is checked.
  public init(path: String, mode: Mode, options: Options = Options()) throws {
    self.path = path
    self.mode = mode
    log = options.log
    switch mode {
    case .writing:
      try StoreFolder.prepare(path)
      do { lock = Mutex(try WriterLock(store: path)) } catch StorageError.writerIsActive(
        _, let process)
      {
        throw ContextError.writerIsActive(path: path, processIdentifier: process)
      }
      try StoreFolder.complete(path)
    case .reading:
      try StoreFolder.check(path)
      lock = Mutex(nil)
    }
    var kept: StateFile?
    switch try StateFile.read(path) {
    case .state(let state): kept = state
    case .none: break
    case .damaged:
      options.log(
        "\(StateFile.path(path)) is damaged; its namespaces and cap are not known any more")
    }
    let budget = try StoreBudget(options, kept: kept, path: path, isWriting: mode == .writing)
    capacityBytes = budget.capacityBytes
    segmentBytes = budget.segmentBytes
    let recency = RecencyFile.read(path)
    clock = ContextClock(from: kept?.clock ?? 0)
    appending = Mutex(Appending())
    for space in kept?.spaces ?? [] {
      state.withLock { $0.spaces[space.namespace.id] = space }
    }
    try load(recency: recency, writing: kept?.writing ?? [], cleared: Set(kept?.cleared ?? []))
    if mode == .writing {
      if DurableFile.size(of: path + "/pins") != nil {
        if let pins = PinTable(try DurableFile.read(path + "/pins", limit: 1 << 30)) {
          state.withLock { $0.pins = pins }
        } else {
          log("\(path)/pins is damaged; nothing is pinned any more")
        }
      }
      trim()
      try saveState()
    }
  }

  deinit { close() }

  /// Flushes what was put, ends the segments that are written, and lets another process write. What was
  /// found can still be read; nothing can be put any more. Closing again is fine.
  public func close() {
    guard mode == .writing else { return }
    let isOpen = appending.withLock { appending in
      guard !appending.isClosed else { return false }
      appending.isClosed = true
      for active in appending.actives.values { finish(active) }
      appending.actives = [:]
      return true
    }
    guard isOpen else { return }
    state.withLock { RecencyFile.write($0, to: path) }
    noteState()
    lock.withLock { $0 = nil }
  }

  /// Returns when everything put so far is on the disk.
  ///
  /// - Throws: `FileError` where the disk refuses.
  public func flush() throws {
    let actives = appending.withLock { Array($0.actives.values) }
    for active in actives where !active.flush(upTo: active.end) {
      throw FileError(operation: "flush", path: active.segment.dataPath, code: EIO)
    }
  }

  func saveState() throws {
    try files.withLock { _ in
      let file = state.withLock { state in
        StateFile(
          capacityBytes: capacityBytes, segmentBytes: segmentBytes, clock: clock.now,
          spaces: Array(state.spaces.values), writing: Array(state.writing),
          cleared: state.segments.compactMap { $0 }.filter { $0.deadBytes > 0 }.map(\.header.salt))
      }
      try file.write(to: path)
    }
  }

  /// Writes what nothing depends on but what is told of damage; where that fails a line says so.
  func noteState() {
    do { try saveState() } catch { log("\(error)") }
  }

  func savePins() throws {
    try files.withLock { _ in
      let bytes = state.withLock { $0.pins.encoded }
      try bytes.withUnsafeBytes { try DurableFile.write($0, to: path + "/pins") }
    }
  }

  /// Whether this process is the one that writes.
  var isWriting: Bool { mode == .writing && appending.withLock { !$0.isClosed } }

  func requireWriting() throws(ContextError) {
    guard mode == .writing else { throw .readOnly(path: path) }
    guard isWriting else { throw .closed(path: path) }
  }

  var segmentsFolder: String { path + "/segments" }
}

/// What whoever appends works with.
struct Appending {
  /// The segments that are written, by their blocks' lifetime in milliseconds.
  var actives: [UInt64: ActiveSegment] = [:]
  var lastNumber: UInt64 = 0
  /// Set when the store is closed: nothing is appended any more.
  var isClosed = false
}

/// The time, milliseconds since 1970, which never goes back: not within a process, and not from one to
/// the next by more than was not saved.
final class ContextClock: Sendable {
  private let latest: Mutex<UInt64>

  init(from earliest: UInt64) { latest = Mutex(earliest) }

  var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let milliseconds = UInt64(max(0, time.tv_sec)) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    return latest.withLock {
      $0 = max($0, milliseconds)
      return $0
    }
  }

  /// Takes note of a time that a block carries.
  func note(_ time: UInt64) {
    // A damaged clock's far future would end every lifetime for ever.
    latest.withLock { if time > $0, time < $0 &+ 400 * 86_400_000 || $0 == 0 { $0 = time } }
  }
}
