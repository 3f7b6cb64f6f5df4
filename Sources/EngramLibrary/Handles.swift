import CEngram

/// What a handle is of.
enum HandleKind: UInt64, CaseIterable, CustomStringConvertible {
  case store = 1
  case table
  case fusion
  case dataset
  case mixture
  case index
  case context
  case contextSpace
  case contextPrefix

  var description: String {
    switch self {
    case .store: "store"
    case .table: "table"
    case .fusion: "fusion"
    case .dataset: "dataset"
    case .mixture: "mixture"
    case .index: "index"
    case .context: "context store"
    case .contextSpace: "namespace"
    case .contextPrefix: "prefix"
    }
  }
}

/// A thing that a handle can be of.
protocol Handled: AnyObject, Sendable {
  static var kind: HandleKind { get }
}

/// The open handles of the process.
///
/// A handle is its kind (8 bits), the forks before it was opened (16 bits) and a number that no other
/// handle has (40 bits): one that is closed, of another kind or the parent's is told from one that
/// is open, and never followed.
enum Handles {
  // Only read and written while the lock of CEngram is held, which also holds a fork back.
  nonisolated(unsafe) private static var open: [UInt64: any Handled] = [:]
  nonisolated(unsafe) private static var last: UInt64 = 0

  private static let numberBits: UInt64 = 40

  /// A new handle of `thing`.
  static func add<Thing: Handled>(_ thing: Thing) -> UInt64 {
    engram_process_lock()
    defer { engram_process_unlock() }
    last += 1
    let handle = prefix(Thing.kind) << numberBits | (last & (1 << numberBits - 1))
    unsafe open[handle] = thing
    return handle
  }

  /// What a handle is of.
  ///
  /// - Throws: `LibraryError.closed`, `.forked`.
  static func get<Thing: Handled>(_ handle: UInt64, _ type: Thing.Type = Thing.self) throws -> Thing
  {
    try check(handle, Thing.kind)
    engram_process_lock()
    let thing = unsafe open[handle]
    engram_process_unlock()
    guard let thing = thing as? Thing else { throw LibraryError.closed(kind: Thing.kind) }
    return thing
  }

  /// Closes a handle. Calls that are at work with what it is of end as if it were open.
  ///
  /// - Throws: as `get`.
  static func close<Thing: Handled>(_ handle: UInt64, _ type: Thing.Type) throws {
    try check(handle, Thing.kind)
    engram_process_lock()
    let thing = unsafe open.removeValue(forKey: handle)
    engram_process_unlock()
    // It may be freed here, and that may take time: the lock is not held.
    guard thing != nil else { throw LibraryError.closed(kind: Thing.kind) }
  }

  private static func prefix(_ kind: HandleKind) -> UInt64 {
    kind.rawValue << 16 | UInt64(engram_process_generation() & 0xFFFF)
  }

  private static func check(_ handle: UInt64, _ kind: HandleKind) throws {
    let found = handle >> numberBits
    guard found >> 16 == kind.rawValue else { throw LibraryError.closed(kind: kind) }
    guard found == prefix(kind) else { throw LibraryError.forked(kind: kind) }
  }
}
