import Addressing
import MemoryTables
import Storage
import Synchronization

/// A table version with whatever leads from tokens to its rows, open. Safe to use from any number of
/// threads at once.
///
///     let table = try OpenTable("deepseek-v4.1/layer1", in: store)
///     try table.rows(for: tokens, masked: nil, segments: nil, history: nil, into: rows)
public final class OpenTable: Sendable {
  /// What leads from tokens to rows.
  public enum Addresses: Sendable {
    /// A hash of N-grams: `columns` rows a token.
    case hashed(NgramHasher)
    /// The N-gram itself: one row a token, -1 where there is none.
    case exact(ExactKeys)
    /// Nothing: rows are read by number.
    case none

    /// Rows of a token; 0 where tokens lead to none.
    public var columns: Int {
      switch self {
      case .hashed(let hasher): hasher.columns
      case .exact: 1
      case .none: 0
      }
    }

    /// Token ids are 0..<this; 0 where tokens lead to no row.
    public var tokenLimit: Int {
      switch self {
      case .hashed(let hasher): hasher.tokenLimit
      case .exact(let keys): keys.exact.vocabulary
      case .none: 0
      }
    }

    /// Tokens of the longest N-gram; 0 where tokens lead to no row.
    public var longest: Int {
      switch self {
      case .hashed(let hasher): hasher.layers.map(\.maxOrder).max() ?? 0
      case .exact(let keys): keys.exact.longest
      case .none: 0
      }
    }

    /// Whether tokens may be masked and have segments.
    public var takesSegments: Bool {
      guard case .hashed(let hasher) = self, case .segmentStart = hasher.layers[0].boundary else {
        return false
      }
      return true
    }
  }

  /// The rows.
  public let table: Table
  /// What leads to them.
  public let addresses: Addresses

  /// What the version is.
  public var manifest: TableManifest { table.manifest }
  /// `name@version`.
  public var title: String { "\(manifest.name)@\(manifest.version)" }

  /// Opens the version that `name` or `name@version` names.
  ///
  /// - Throws: `TableError`, `StorageError`, `AddressingError`, `TokenMapError`, `FileError`. A table
  ///   that asks for a token map and has none is read by number.
  public convenience init(_ reference: String, in store: Store) throws {
    try self.init(try Table(TableReference(parsing: reference), in: store))
  }

  /// Takes a table that is open.
  public init(_ table: Table) throws {
    self.table = table
    do {
      addresses =
        if table.manifest.exact != nil {
          .exact(try table.exactKeys())
        } else if table.manifest.addressing != nil {
          .hashed(try table.hasher())
        } else {
          .none
        }
    } catch AddressingError.tokenMapRequired {
      addresses = .none
    }
  }

  /// Writes the row ids of tokens.
  ///
  /// - Parameters:
  ///   - masked: a byte a token, 1 where it takes no part in an N-gram; `nil` for none.
  ///   - segments: a number a token; a change is a boundary. `nil` for one segment.
  ///   - history: what came before; moves on. `nil` for a whole sequence.
  ///   - rows: tokens x `addresses.columns` row ids, shape [tokens, columns].
  /// - Throws: `AddressingError`, `TableError`, `RequestError`; nothing is written then.
  public func rows(
    for tokens: UnsafeBufferPointer<Int32>, masked: UnsafeBufferPointer<UInt8>? = nil,
    segments: UnsafeBufferPointer<Int32>? = nil,
    history: UnsafeMutablePointer<TokenHistory>? = nil, into rows: UnsafeMutableBufferPointer<Int64>
  ) throws {
    switch addresses {
    case .none: throw TableError.notAddressed(table: manifest.name)
    case .hashed(let hasher):
      if let masked, let bad = masked.first(where: { $0 > 1 }) {
        throw RequestError.badValue(name: "masked", found: "\(bad)", expected: "0 or 1 a token")
      }
      var whole = hasher.start()
      try (masked.map { UnsafeRawBufferPointer($0) }).withBools { masked in
        if let history {
          try hasher.unsafeRows(
            for: tokens, masked: masked, segments: segments, history: &history.pointee, into: rows)
        } else {
          try hasher.unsafeRows(
            for: tokens, masked: masked, segments: segments, history: &whole, into: rows)
        }
      }
    case .exact(let keys):
      guard masked == nil else { throw RequestError.unsupported(what: "masked tokens", of: title) }
      guard history == nil else { throw RequestError.unsupported(what: "a history", of: title) }
      guard rows.count == tokens.count else {
        throw RequestError.bufferTooSmall(needed: 8 * tokens.count, given: 8 * rows.count)
      }
      let starts = segments.map { segments in
        segments.indices.dropFirst().filter { segments[$0] != segments[$0 - 1] }
      }
      let found = try keys.rows(for: Array(tokens), documentStarts: starts ?? [])
      for (index, row) in found.enumerated() { rows[index] = row }
    }
  }

  /// The history before the first token of a sequence.
  ///
  /// - Throws: `TableError.notAddressed`, `.notHashed`.
  public func start() throws -> TokenHistory {
    switch addresses {
    case .hashed(let hasher): return hasher.start()
    case .exact: throw TableError.notHashed(table: manifest.name)
    case .none: throw TableError.notAddressed(table: manifest.name)
    }
  }
}

extension UnsafeRawBufferPointer? {
  /// Calls `body` with bytes that are 0 or 1 as what they are.
  fileprivate func withBools<R>(
    _ body: (UnsafeBufferPointer<Bool>?) throws -> R
  ) rethrows -> R {
    guard let self else { return try body(nil) }
    return try self.withMemoryRebound(to: Bool.self) { try body($0) }
  }
}
