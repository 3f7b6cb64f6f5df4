import Foundation

/// A namespace of an open context store.
public final class ContextSpace: Sendable {
  /// What it is of.
  public let namespace: ContextNamespace
  /// The store.
  public let store: ContextStore
  /// Seconds that state may be served after it was put, by group; groups that are not named live until
  /// they have to go.
  public let lifetimes: [String: Double]
  /// The same in milliseconds by the group's number; 0: no end.
  let lifetimeOfGroup: [UInt64]

  init(_ namespace: ContextNamespace, lifetimes: [String: Double], in store: ContextStore) {
    self.namespace = namespace
    self.store = store
    self.lifetimes = lifetimes
    lifetimeOfGroup = namespace.layout.groups.map { group in
      guard let seconds = lifetimes[group.name] ?? lifetimes["*"] else { return 0 }
      return UInt64(max(1, seconds * 1000))
    }
  }

  /// Whether state can be served for so many seconds.
  static func isLifetime(_ seconds: Double) -> Bool { seconds > 0 && seconds <= 1e10 }

  /// The number of a group.
  ///
  /// - Throws: `ContextError.noSuchGroup`.
  func groupIndex(_ name: String) throws(ContextError) -> Int {
    guard let index = namespace.layout.groups.firstIndex(where: { $0.name == name }) else {
      throw .noSuchGroup(name: name, known: namespace.layout.groups.map(\.name))
    }
    return index
  }

  func frameGroup(_ index: Int) -> FrameHeader.Group {
    let group = namespace.layout.groups[index]
    return FrameHeader.Group(
      index: index, layers: group.layers, rows: namespace.layout.rowsPerBlock(group),
      rowBytes: group.rowBytes)
  }
}

extension ContextStore {
  /// Opens a namespace, one that the store knows or a new one.
  ///
  /// - Parameter lifetimes: seconds by group name, or for all other groups under "*". They hold for
  ///   what was put before, too; the store remembers them, and `[:]` leaves what it remembers.
  /// - Throws: `ContextError.blockTooLarge` where a block of this layout fits no segment,
  ///   `.noSuchGroup`, `.badOption`, `.wrongPartSize`; `FileError` where it cannot be remembered.
  public func space(
    _ namespace: ContextNamespace, lifetimes: [String: Double] = [:]
  ) throws -> ContextSpace {
    let names = namespace.layout.groups.map(\.name)
    for (name, seconds) in lifetimes {
      guard name == "*" || names.contains(name) else {
        throw ContextError.noSuchGroup(name: name, known: names)
      }
      guard ContextSpace.isLifetime(seconds) else {
        throw ContextError.badOption(
          name: "the lifetime of group \(name)", found: "\(seconds) seconds",
          expected: "more than 0, at most 1e10")
      }
    }
    let known = state.withLock { $0.spaces[namespace.id] }
    let lasting = lifetimes.isEmpty ? known?.lifetimes ?? [:] : lifetimes
    let space = ContextSpace(namespace, lifetimes: lasting, in: self)
    if mode == .writing {
      let header = FrameHeader(
        namespace: [], key: [], parent: [],
        identity: [UInt8](repeating: 0, count: namespace.layout.blockTokens * 4), depth: 0,
        created: 0, durable: 0, groups: names.indices.map(space.frameGroup))
      let room = min(
        segmentBytes - SegmentHeader.bytes,
        header.frameBytes * (ActiveSegment.listRoom(segmentBytes) / BlockList.bytes(of: header)))
      guard header.frameBytes <= room else {
        let needed = roundUp(
          max(
            header.frameBytes + SegmentHeader.bytes, BlockList.bytes(of: header) * 8), to: 4096)
        throw ContextError.blockTooLarge(
          bytes: header.frameBytes, segmentBytes: segmentBytes, neededSegment: needed)
      }
      if known == nil || known?.lifetimes != lasting {
        state.withLock {
          $0.spaces[namespace.id] = KnownSpace(namespace: namespace, lifetimes: lasting)
        }
        try saveState()
      }
    }
    return space
  }

  /// The namespaces that the store knows, by id.
  public func spaces() -> [ContextNamespace] {
    state.withLock { $0.spaces.values.map(\.namespace) }.sorted { $0.id < $1.id }
  }

  /// The namespace of this id, opened; `nil` where the store knows none.
  public func space(id: String) throws -> ContextSpace? {
    guard let known = state.withLock({ $0.spaces[id] }) else { return nil }
    return try space(known.namespace)
  }
}
