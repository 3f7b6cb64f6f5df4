import ContextStore
import HTTPTypes
import Hummingbird
import NIOCore
import Serving

/// Takes blocks of a prompt.
struct ContextPutRoute: Sendable {
  let state: ServiceState

  /// `POST /v1/contexts/{id}/put`.
  @Sendable func put(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let query = try ContextQuery(
      request.uri.query, knowing: [.keys, .durability, .firstBlock, .tokens, .groups])
    let isDurable = try query.isDurable
    let named = try state.namedSpace(context)
    let type = request.headers[.contentType] ?? ""
    guard type.prefix(24).lowercased() == "application/octet-stream" else {
      throw ServiceError.wrongType(found: type, expected: "application/octet-stream")
    }
    let plan = try ContextPutPlan(query, layout: named.layout, limits: state.limits)
    let body = try await RequestBytes(limits: state.limits).collect(request, context)
    try plan.check(bodyBytes: body.readableBytes)
    // The tokens are copied to where the store takes them from.
    try context.admission?.take(plan.nameBytes)
    return try await state.runBlocking(keeping: context.admission) {
      try .json(plan.put(body, into: named.open(), isDurable: isDurable))
    }
  }
}

/// What a put's query says of its body: tokens or keys up to the end of the last block that is put,
/// then each group's [layers, rows, row_bytes].
struct ContextPutPlan: Sendable {
  /// Which blocks are put.
  let blocks: Range<Int>
  /// Bytes of the tokens or keys.
  let nameBytes: Int
  private let areKeys: Bool
  private let groups: [GroupShape]

  /// - Throws: `ServiceError.badParameter`; `.putTooLarge` before any of the body is read.
  init(
    _ query: ContextQuery, layout: ContextLayout, limits: ServiceLimits
  ) throws(ServiceError) {
    areKeys = try query.areKeys
    let (count, size) = (try query.leadingTokens, areKeys ? 32 : 4)
    guard count <= limits.bodyBytes / size else {
      let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
      throw .putTooLarge(bytes: overflow ? .max : bytes, limit: limits.bodyBytes, blocks: 0)
    }
    nameBytes = count * size
    let (whole, rest) = count.quotientAndRemainder(dividingBy: areKeys ? 1 : layout.blockTokens)
    guard rest == 0, whole > 0 else {
      throw .badParameter(
        name: "tokens", found: "\(count)",
        expected: areKeys
          ? "1 or more" : "a multiple of \(layout.blockTokens): up to the end of the last block")
    }
    let first = try query.number(.firstBlock) ?? 0
    guard first < whole else {
      throw .badParameter(
        name: "first_block", found: "\(first)", expected: "a block that is put, 0 to \(whole - 1)")
    }
    blocks = first..<whole
    let names = try query.text(.groups, "the names of the groups of the body, with commas between")
    var groups: [GroupShape] = []
    for name in names.split(separator: ",", omittingEmptySubsequences: false) {
      let group = try GroupShape(String(name), of: layout, parameter: "groups")
      guard !groups.contains(where: { $0.name == group.name }) else {
        throw .badParameter(name: "groups", found: names, expected: "each group once")
      }
      groups.append(group)
    }
    self.groups = groups
    guard bodyBytes <= limits.bodyBytes else {
      let block = groups.reduce(0) { Self.sum($0, $1.bytes(layers: $1.layers, blocks: 1)) }
      throw .putTooLarge(
        bytes: bodyBytes, limit: limits.bodyBytes,
        blocks: max(0, limits.bodyBytes - nameBytes) / block)
    }
  }

  /// Bytes of the body.
  private var bodyBytes: Int {
    groups.reduce(nameBytes) {
      Self.sum($0, $1.bytes(layers: $1.layers, blocks: blocks.count))
    }
  }

  /// - Throws: `ServiceError.badBody` of a body of other bytes than the query says.
  func check(bodyBytes found: Int) throws(ServiceError) {
    guard found == bodyBytes else {
      let shapes = groups.map { group in
        "\(group.name) [\(group.layers), \(blocks.count * group.blockRows), \(group.rowBytes)]"
      }
      throw .badBody(
        bytes: found,
        expected: "\(bodyBytes): \(nameBytes) of \(areKeys ? "keys" : "tokens"), then "
          + shapes.joined(separator: ", "))
    }
  }

  /// Puts a body that was checked. Waits for the disk.
  ///
  /// - Throws: `ContextError`, `FileError`.
  func put(_ body: ByteBuffer, into space: ContextSpace, isDurable: Bool) throws -> ContextPutResult
  {
    let names = body.readableBytesView.prefix(nameBytes)
    let named: ContextBlocks = areKeys ? .keys(Array(names)) : .tokens(BlockNames.tokens(names))
    return try body.withUnsafeReadableBytes { bytes in
      var parts: [String: UnsafeRawBufferPointer] = [:]
      var start = nameBytes
      for group in groups {
        let end = start + group.bytes(layers: group.layers, blocks: blocks.count)
        parts[group.name] = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        start = end
      }
      return isDurable
        ? try space.putDurable(named, range: blocks, parts: parts)
        : try space.putRelaxed(named, range: blocks, parts: parts)
    }
  }

  private static func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}
