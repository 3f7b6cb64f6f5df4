import Foundation
import SeededRandom
import TestCheckpoints
import Testing

@testable import Service

/// A namespace of a running service, asked as a serving engine would; and the same state as a plain
/// function of numbers, which the service knows nothing of.
struct ContextClient: Sendable {
  /// A group as the description says it.
  struct Group: Sendable {
    var name: String
    var layers: Int
    var rowBytes: Int
    var tokensPerRow = 1
  }

  let service: RunningService
  let id: String
  let blockTokens: Int
  let groups: [Group]

  /// Groups of which one has layers that are larger than a piece of an answer, the other many small
  /// ones.
  static let groups = [
    Group(name: "latent", layers: 3, rowBytes: 4096),
    Group(name: "indexer", layers: 40, rowBytes: 36, tokensPerRow: 4),
  ]

  /// Opens a namespace.
  init(
    _ service: RunningService, model: String = "m", blockTokens: Int = 16,
    groups: [Group] = Self.groups
  ) async throws {
    let answer = try await service.post(
      "/v1/contexts",
      json: Self.description(model: model, blockTokens: blockTokens, groups: groups))
    #expect(answer.status == 200, "\(answer.text)")
    id = try #require(answer.object["id"] as? String)
    self.service = service
    self.blockTokens = blockTokens
    self.groups = groups
  }

  static func description(model: String, blockTokens: Int, groups: [Group]) -> String {
    let listed = groups.map { group in
      "{\"name\":\"\(group.name)\",\"layers\":\(group.layers),\"row_bytes\":\(group.rowBytes),"
        + "\"dtype\":\"u8\",\"tokens_per_row\":\(group.tokensPerRow)}"
    }
    return "{\"model\":\"\(model)\",\"revision\":\"r\",\"tokenizer\":\"t\","
      + "\"block_tokens\":\(blockTokens),\"groups\":[\(listed.joined(separator: ","))]}"
  }

  func group(_ name: String) -> Group { groups.first { $0.name == name }! }
  func blockRows(_ name: String) -> Int { blockTokens / group(name).tokensPerRow }

  /// A prompt of so many blocks.
  func tokens(_ blocks: Int, seed: Int = 1) -> [Int32] {
    (0..<(blocks * blockTokens)).map { Int32(($0 * 7919 + seed * 104_729) % 129_280) }
  }

  /// Bytes without an order, of which rows are parts.
  private static let pool: [UInt8] = {
    var generator = SeededGenerator(seed: 9)
    return (0..<(1 << 17)).flatMap { _ in
      withUnsafeBytes(of: generator.next()) { Array($0) }
    }
  }()

  /// What a row holds.
  func row(_ name: String, layer: Int, row: Int, seed: Int = 1) -> ArraySlice<UInt8> {
    var number = UInt64(row) << 32 | UInt64(layer) << 16 | UInt64(seed) << 8
    number = (number | UInt64(name.utf8.count)) &* 0x9E37_79B9_7F4A_7C15
    let start = Int(number >> 24) % (Self.pool.count - group(name).rowBytes)
    return Self.pool[start..<(start + group(name).rowBytes)]
  }

  /// [layers, rows of the blocks, row bytes].
  func state(
    _ name: String, layers: Range<Int>? = nil, blocks: Range<Int>, seed: Int = 1
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    for layer in layers ?? 0..<group(name).layers {
      let rows = (blocks.lowerBound * blockRows(name))..<(blocks.upperBound * blockRows(name))
      for row in rows { bytes += self.row(name, layer: layer, row: row, seed: seed) }
    }
    return bytes
  }

  // MARK: - Requests

  func ask(_ verb: String, _ query: String, _ body: [UInt8]) async throws -> Answer {
    try await service.post("/v1/contexts/\(id)/\(verb)\(query.isEmpty ? "" : "?" + query)", body)
  }

  func ask(_ verb: String, _ body: [UInt8]) async throws -> Answer { try await ask(verb, "", body) }

  /// Puts blocks of the prompt of a seed.
  @discardableResult
  func put(
    _ blocks: Range<Int>, _ names: [String] = ["latent", "indexer"], seed: Int = 1,
    durability: String = "durable"
  ) async throws -> Answer {
    let prompt = tokens(blocks.upperBound, seed: seed)
    let answer = try await ask(
      "put",
      "tokens=\(prompt.count)&first_block=\(blocks.lowerBound)&durability=\(durability)"
        + "&groups=\(names.joined(separator: ","))",
      bytes(prompt) + names.flatMap { state($0, blocks: blocks, seed: seed) })
    #expect(answer.status == 200, "\(answer.text)")
    return answer
  }

  func get(
    _ name: String, _ query: String = "", tokens: [Int32]
  ) async throws -> Answer {
    try await ask("get", "group=\(name)" + (query.isEmpty ? "" : "&" + query), bytes(tokens))
  }

  func gather(
    _ name: String, layer: Int, tokens: [Int32], rows: [Int64]
  ) async throws -> Answer {
    try await ask(
      "gather", "group=\(name)&layer=\(layer)&tokens=\(tokens.count)",
      bytes(tokens) + bytes(rows))
  }
}

/// Runs a service with a context store while `body` does.
///
/// - Parameter folder: the context store's folder; a new one where `nil`.
func withContexts(
  _ folder: String? = nil, capacity: Int = 256 << 20,
  _ change: (inout ServiceConfiguration) -> Void = { _ in },
  _ body: (RunningService) async throws -> Void
) async throws {
  let scratch = try ScratchFolder()
  try await withService {
    $0.context = .init(path: folder ?? scratch("context"), capacityBytes: capacity)
    change(&$0)
  } _: {
    try await body($0)
  }
  withExtendedLifetime(scratch) {}
}

extension Answer {
  /// A number of a JSON answer.
  func number(_ path: String...) -> Int? {
    var value: Any = object
    for name in path { value = (value as? [String: Any])?[name] ?? "" }
    return value as? Int
  }
}
