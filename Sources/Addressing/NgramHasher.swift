import CKernels

/// Row ids of tokens, for one table or for all tables of a model at once.
///
///     let hasher = try NgramHasher(Addressing.layers(of: .deepseekV41), tokenMap: map)
///     let rows = try hasher.rows(for: prompt)              // [layers][tokens, columns]
///
///     var history = hasher.start()                         // decoding: a token at a time
///     let next = try hasher.rows(for: [token], history: &history)
///
/// Immutable, and safe to use from many threads at once; a `TokenHistory` belongs to a sequence.
public struct NgramHasher: Sendable {
  /// The tables, in the order of the output.
  public let layers: [Addressing]
  /// The number of rows that a token reads in all layers together.
  public let columns: Int
  /// Token ids are 0..<tokenLimit.
  public let tokenLimit: Int

  /// Compressed ids by token id; empty where ids are used as they are.
  private let map: [UInt32]
  private let groups: [engram_hash_group]
  private let multipliers: [UInt64]
  /// The boundary token, as the rule sees it.
  private let edge: UInt32
  /// The longest order of any layer.
  package let maxOrder: Int
  private let path: Path

  /// Which code computes remainders; the rows are the same.
  package enum Path: Int32, CaseIterable, Sendable {
    case fastest = 0
    case scalar = 1
    case avx512 = 2

    /// Whether this machine can run it.
    package var isSupported: Bool { engram_hash_supports(rawValue) != 0 }
  }

  /// A hasher for `layers`, which must agree in their token and boundary rules.
  ///
  /// - Parameter tokenMap: the model's token map; not needed, and not used, where tokens are raw.
  /// - Throws: `AddressingError` where layers differ, or the map is missing or another one.
  public init(_ layers: [Addressing], tokenMap: TokenMap? = nil) throws(AddressingError) {
    try self.init(layers, tokenMap: tokenMap, path: .fastest)
  }

  /// A hasher for one table.
  public init(_ layer: Addressing, tokenMap: TokenMap? = nil) throws(AddressingError) {
    try self.init([layer], tokenMap: tokenMap)
  }

  /// A hasher that takes one path, for those who compare them.
  package init(_ layers: [Addressing], tokenMap: TokenMap?, path: Path) throws(AddressingError) {
    guard let first = layers.first else {
      throw .invalidParameter(name: "layers", problem: "is empty")
    }
    for layer in layers {
      guard layer.boundary == first.boundary else {
        throw .incompatibleLayers(first.layer, layer.layer, difference: "boundary rules")
      }
      guard layer.tokens == first.tokens else {
        throw .incompatibleLayers(first.layer, layer.layer, difference: "token rules")
      }
    }
    switch first.tokens {
    case .raw:
      map = []
      tokenLimit = layers.map(\.rawTokenLimit).min() ?? 0
      edge = UInt32(first.boundary.tokenID)
    case .mapped:
      guard let tokenMap else { throw .tokenMapRequired(preset: first.preset) }
      try first.check(tokenMap)
      map = tokenMap.withUnsafeCompressedIDs { $0.map { UInt32($0) } }
      tokenLimit = map.count
      edge = map[Int(first.boundary.tokenID)]
    }
    self.layers = layers
    self.path = path
    columns = layers.reduce(0) { $0 + $1.columns }
    maxOrder = layers.map(\.maxOrder).max() ?? 2
    groups = Self.groups(of: layers)
    multipliers = layers.flatMap { layer in
      layer.multipliers + Array(repeating: 0, count: Addressing.maxOrderLimit - layer.maxOrder)
    }
  }

  /// The history before the first token of a sequence.
  public func start() -> TokenHistory { TokenHistory(edge: edge) }

  /// Row ids of a whole sequence.
  ///
  /// - Parameters:
  ///   - tokens: token ids, as the tokenizer gives them.
  ///   - masked: tokens that take no part in an N-gram; as many as there are tokens.
  ///   - segments: the segment of each token; a change is a boundary.
  /// - Returns: layer after layer, each of shape [tokens, columns of the layer].
  /// - Throws: `AddressingError.tokenOutOfRange`, `.countMismatch`, `.boundaryUnsupported`.
  public func rows(
    for tokens: [Int32], masked: [Bool]? = nil, segments: [Int32]? = nil
  ) throws(AddressingError) -> [Int64] {
    var history = start()
    return try rows(for: tokens, masked: masked, segments: segments, history: &history)
  }

  /// Row ids of the next tokens of a sequence; `history` moves on, or is left alone on an error.
  public func rows(
    for tokens: [Int32], masked: [Bool]? = nil, segments: [Int32]? = nil,
    history: inout TokenHistory
  ) throws(AddressingError) -> [Int64] {
    try Self.match("masked", masked?.count, tokens.count)
    try Self.match("segments", segments?.count, tokens.count)
    let total = tokens.count * columns
    // Typed throws do not cross the standard library's closures.
    let result: Result<[Int64], AddressingError> = tokens.withUnsafeBufferPointer { tokens in
      Self.withOptionalBuffer(masked) { masked in
        Self.withOptionalBuffer(segments) { segments in
          var failure: AddressingError?
          let rows = [Int64](unsafeUninitializedCapacity: total) { buffer, initialized in
            let rows = UnsafeMutableBufferPointer(rebasing: buffer[0..<total])
            do throws(AddressingError) {
              try unsafeRows(
                for: tokens, masked: masked, segments: segments, history: &history, into: rows)
              initialized = total
            } catch {
              failure = error
              initialized = 0
            }
          }
          return failure.map { .failure($0) } ?? .success(rows)
        }
      }
    }
    return try result.get()
  }

  /// Writes the row ids of the next tokens of a sequence to memory that the caller owns.
  ///
  /// - Parameters:
  ///   - masked: nil, or as many elements as `tokens`; `segments` likewise.
  ///   - rows: exactly tokens * `columns` elements: layer after layer, each [tokens, columns of
  ///     the layer]; fastest where its address is a multiple of 64. Nothing is written, and `history` stays, where an error is thrown.
  /// - Complexity: a few instructions a column, no allocation; `engram bench address` measures.
  public func unsafeRows(
    for tokens: UnsafeBufferPointer<Int32>, masked: UnsafeBufferPointer<Bool>? = nil,
    segments: UnsafeBufferPointer<Int32>? = nil, history: inout TokenHistory,
    into rows: UnsafeMutableBufferPointer<Int64>
  ) throws(AddressingError) {
    try check(tokens, masked: masked, segments: segments)
    try Self.match("the buffer for rows", rows.count, tokens.count * columns)
    guard let input = tokens.baseAddress, let output = rows.baseAddress, !tokens.isEmpty else {
      return
    }
    run { rule in
      withUnsafeMutableBytes(of: &history.recent) { recent in
        engram_hash_rows(
          rule, input, Self.bytes(masked), segments?.baseAddress, tokens.count,
          recent.baseAddress?.assumingMemoryBound(to: UInt32.self), &history.segment, output,
          path.rawValue)
      }
    }
  }

  /// The history after a prefix, made from its last N-1 tokens or more.
  ///
  /// - Parameter tokens: the prefix's last tokens; all of them, where it has fewer than N-1.
  /// - Throws: as `rows(for:masked:segments:)`.
  public func history(
    after tokens: [Int32], masked: [Bool]? = nil, segments: [Int32]? = nil
  ) throws(AddressingError) -> TokenHistory {
    var history = start()
    let needed = min(tokens.count, maxOrder - 1)
    try Self.match("masked", masked?.count, tokens.count)
    try Self.match("segments", segments?.count, tokens.count)
    _ = try rows(
      for: tokens.suffix(needed), masked: masked?.suffix(needed),
      segments: segments?.suffix(needed),
      history: &history)
    return history
  }
}

extension NgramHasher {
  private static func groups(of layers: [Addressing]) -> [engram_hash_group] {
    var groups: [engram_hash_group] = []
    var before = 0
    for (index, layer) in layers.enumerated() {
      let offsets = layer.offsets
      for (order, sizes) in layer.bucketSizes.enumerated() {
        for head in stride(from: 0, to: sizes.count, by: Int(ENGRAM_HASH_LANES)) {
          let lanes = min(Int(ENGRAM_HASH_LANES), sizes.count - head)
          let column = order * layer.heads + head
          var group = engram_hash_group()
          let places = offsets[column..<column + lanes].map { UInt64($0) }
          engram_hash_group_fill(
            &group, Array(sizes[head..<head + lanes]), places, UInt32(lanes))
          group.layer = UInt32(index)
          group.order = UInt32(order + 2)
          group.column = UInt32(column)
          group.columns = UInt32(layer.columns)
          group.before = UInt32(before)
          groups.append(group)
        }
      }
      before += layer.columns
    }
    return groups
  }

  /// Calls `body` with the rule as the kernel wants it.
  private func run(_ body: (UnsafePointer<engram_hash_rule>) -> Void) {
    map.withUnsafeBufferPointer { map in
      groups.withUnsafeBufferPointer { groups in
        multipliers.withUnsafeBufferPointer { multipliers in
          var rule = engram_hash_rule(
            groups: groups.baseAddress, group_count: groups.count,
            multipliers: multipliers.baseAddress, layers: UInt32(layers.count),
            max_order: UInt32(maxOrder),
            map: map.isEmpty ? nil : map.baseAddress, boundary: boundaryKind,
            boundary_token: edge)
          body(&rule)
        }
      }
    }
  }

  private var boundaryKind: UInt32 {
    switch layers[0].boundary {
    case .segmentStart: UInt32(ENGRAM_HASH_SEGMENTS)
    case .sequenceStart: UInt32(ENGRAM_HASH_SEQUENCE)
    case .endOfSequence: UInt32(ENGRAM_HASH_END_TOKEN)
    }
  }

  private func check(
    _ tokens: UnsafeBufferPointer<Int32>, masked: UnsafeBufferPointer<Bool>?,
    segments: UnsafeBufferPointer<Int32>?
  ) throws(AddressingError) {
    try Self.match("masked", masked?.count, tokens.count)
    try Self.match("segments", segments?.count, tokens.count)
    if case .segmentStart = layers[0].boundary {
    } else {
      let preset = layers[0].preset
      if masked != nil { throw .boundaryUnsupported(what: "masked tokens", preset: preset) }
      if segments != nil { throw .boundaryUnsupported(what: "segments", preset: preset) }
    }
    // A limit of 2^31 is the largest, and still an unsigned 32-bit number.
    let bad = engram_hash_check(tokens.baseAddress, tokens.count, UInt32(tokenLimit))
    if bad < tokens.count {
      throw .tokenOutOfRange(index: bad, token: tokens[bad], limit: tokenLimit)
    }
  }

  private static func match(
    _ what: String, _ found: Int?, _ expected: Int
  ) throws(AddressingError) {
    guard let found, found != expected else { return }
    throw .countMismatch(what: what, expected: expected, found: found)
  }

  private static func withOptionalBuffer<Element, Result>(
    _ array: [Element]?, _ body: (UnsafeBufferPointer<Element>?) -> Result
  ) -> Result {
    guard let array else { return body(nil) }
    return array.withUnsafeBufferPointer { body($0) }
  }

  /// A Swift `Bool` is one byte, 0 or 1.
  private static func bytes(_ flags: UnsafeBufferPointer<Bool>?) -> UnsafePointer<UInt8>? {
    guard let flags, let base = flags.baseAddress else { return nil }
    return UnsafeRawPointer(base).assumingMemoryBound(to: UInt8.self)
  }
}
