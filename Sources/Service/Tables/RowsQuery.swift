import NIOCore
import Serving

/// What a request for rows says beside its body: the query of `rows`, `row-ids` and `prefetch`.
struct RowsQuery: Sendable, Hashable {
  /// What the body holds.
  enum Input: String, CaseIterable, Sendable {
    /// Row ids, u64.
    case rows
    /// Token ids, i32, and what is said of them.
    case tokens
  }

  /// A parameter that may be given.
  enum Parameter: String, CaseIterable, Sendable {
    case input, format, missing, masks, segments
  }

  /// How many tokens and rows a body asks for.
  struct Size: Sendable, Hashable {
    /// 0 where the body holds row ids.
    var tokens: Int
    var rows: Int
  }

  var input = Input.rows
  var format = RowFormat.raw
  var missingAsZero = false
  var masks = false
  var segments = false

  /// Reads a query, `a=b&c=d` without the question mark.
  ///
  /// - Throws: `ServiceError`.
  init(
    _ query: String?, knowing known: [Parameter], input: Input = .rows
  ) throws(ServiceError) {
    self.input = input
    for pair in (query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count == 2 ? String(parts[1]) : ""
      guard let name = Parameter(rawValue: String(parts[0])), known.contains(name) else {
        throw .unknownParameter(name: String(parts[0]), known: known.map(\.rawValue))
      }
      switch name {
      case .input: self.input = try Self.choice(name, value)
      case .format: format = try Self.choice(name, value)
      case .missing:
        guard value == "zero" else {
          throw .badParameter(name: name.rawValue, found: value, expected: "zero, or leave it out")
        }
        missingAsZero = true
      case .masks: masks = try Self.flag(name, value)
      case .segments: segments = try Self.flag(name, value)
      }
    }
    guard self.input == .tokens || !(masks || segments) else {
      throw .badParameter(
        name: "input", found: "rows", expected: "tokens where there are masks or segments")
    }
  }

  private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: Parameter, _ value: String
  ) throws(ServiceError) -> Choice {
    guard let choice = Choice(rawValue: value) else {
      throw .badParameter(
        name: name.rawValue, found: value,
        expected: Choice.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return choice
  }

  private static func flag(_ name: Parameter, _ value: String) throws(ServiceError) -> Bool {
    switch value {
    case "1": return true
    case "0": return false
    default: throw .badParameter(name: name.rawValue, found: value, expected: "0 or 1")
    }
  }

  /// Bytes of a token and of what is said of it.
  var bytesPerItem: Int {
    input == .rows ? 8 : 4 + (segments ? 4 : 0) + (masks ? 1 : 0)
  }

  /// What a body of so many bytes asks for.
  ///
  /// - Throws: `ServiceError`; `TableError.notAddressed` of tokens that lead to no row.
  func size(ofBody bytes: Int, of table: OpenTable, limits: ServiceLimits) throws -> Size {
    let (count, rest) = bytes.quotientAndRemainder(dividingBy: bytesPerItem)
    guard rest == 0 else {
      throw ServiceError.badBody(
        bytes: bytes,
        expected: "a multiple of \(bytesPerItem): \(bytesPerItem) bytes a "
          + (input == .rows ? "row id" : "token"))
    }
    guard input == .tokens else { return try checked(Size(tokens: 0, rows: count), limits) }
    guard table.addresses.columns > 0 else {
      throw RequestError.unsupported(what: "tokens, only row ids", of: table.title)
    }
    let (rows, overflow) = count.multipliedReportingOverflow(by: table.addresses.columns)
    return try checked(Size(tokens: count, rows: overflow ? .max : rows), limits)
  }

  private func checked(_ size: Size, _ limits: ServiceLimits) throws(ServiceError) -> Size {
    guard size.rows <= limits.rows else {
      throw .tooManyRows(found: size.rows, limit: limits.rows)
    }
    return size
  }

  /// The row ids that a body asks for: itself, or what its tokens lead to.
  ///
  /// - Parameter body: of the size that `size(ofBody:of:limits:)` was asked for.
  /// - Throws: as `OpenTable.rows(for:masked:segments:history:into:)`.
  func rows(in body: ByteBuffer, of table: OpenTable, size: Size) throws -> RowBatch {
    guard input == .tokens else { return RowBatch(buffer: body) }
    // The native order of bytes is that of the wire: little-endian, checked in `RowBatch`.
    let body = body.aligned
    var rows = ByteBufferAllocator().buffer(capacity: max(8, 8 * size.rows))
    try body.withUnsafeReadableBytes { bytes in
      let tokens = UnsafeBufferPointer<Int32>(rebasing: bytes[..<(4 * size.tokens)])
      var rest = bytes[(4 * size.tokens)...]
      var segmentNumbers: UnsafeBufferPointer<Int32>?
      if segments {
        segmentNumbers = UnsafeBufferPointer(rebasing: rest.prefix(4 * size.tokens))
        rest = rest.dropFirst(4 * size.tokens)
      }
      let masked = masks ? UnsafeBufferPointer<UInt8>(rebasing: rest.prefix(size.tokens)) : nil
      _ = try rows.writeWithUnsafeMutableBytes(minimumWritableBytes: 8 * size.rows) { out in
        let out = UnsafeMutableRawBufferPointer(rebasing: out[..<(8 * size.rows)])
        guard size.tokens > 0 else { return 0 }
        try table.rows(
          for: tokens, masked: masked, segments: segmentNumbers,
          into: out.bindMemory(to: Int64.self))
        return out.count
      }
    }
    return RowBatch(buffer: rows)
  }
}

extension UnsafeBufferPointer {
  /// Bytes as numbers; they are aligned, whole, and plain bits.
  fileprivate init(rebasing bytes: Slice<UnsafeRawBufferPointer>) {
    self = UnsafeRawBufferPointer(rebasing: bytes).bindMemory(to: Element.self)
  }
}
