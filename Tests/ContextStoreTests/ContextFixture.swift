import Foundation
import SeededRandom
import Synchronization
import Testing

@testable import ContextStore

/// A store in a folder of its own, and blocks whose bytes follow from what they are.
final class ContextFixture {
  let path: String
  var capacity = 64 << 20
  var segment = 1 << 20
  let lines = LogLines()

  final class LogLines: Sendable {
    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }
    func add(_ line: String) { kept.withLock { $0.append(line) } }
  }

  init() {
    path = NSTemporaryDirectory() + "context-\(UInt64.random(in: .min ... .max))"
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func open(_ mode: ContextStore.Mode = .writing) throws -> ContextStore {
    let lines = lines
    return try ContextStore(
      path: path, mode: mode,
      options: ContextStore.Options(
        capacityBytes: mode == .writing ? capacity : nil,
        segmentBytes: mode == .writing ? segment : nil, log: { lines.add($0) }))
  }

  static let layout = ContextLayout(
    blockTokens: 16,
    groups: [
      ContextGroup(name: "latent", layers: 3, rowBytes: 100),
      ContextGroup(name: "indexer", layers: 2, rowBytes: 33, tokensPerRow: 4),
    ])

  static func namespace(
    _ salt: String = "", layout: ContextLayout = layout
  ) throws
    -> ContextNamespace
  {
    try ContextNamespace(model: "m", revision: "1", tokenizer: "t", salt: salt, layout: layout)
  }

  /// A prompt of whole blocks, by seed.
  static func prompt(_ seed: UInt64, blocks: Int, tokens: Int = 16) -> [Int32] {
    var random = SeededGenerator(seed: seed)
    return (0..<(blocks * tokens)).map { _ in Int32.random(in: 0..<100_000, using: &random) }
  }

  /// What the row of a block holds: it follows from the prompt up to the block, group, layer and row.
  static func row(
    _ prompt: [Int32], block: Int, group: Int, layer: Int, row: Int, bytes: Int
  )
    -> [UInt8]
  {
    var seed: UInt64 = 14_695_981_039_346_656_037
    for token in prompt[0..<((block + 1) * 16)] {
      seed = (seed ^ UInt64(UInt32(bitPattern: token))) &* 1_099_511_628_211
    }
    for value in [group, layer, row] { seed = (seed ^ UInt64(value)) &* 1_099_511_628_211 }
    var random = SeededGenerator(seed: seed)
    return [UInt8](unsafeUninitializedCapacity: roundUp(bytes, to: 8)) { buffer, count in
      for at in stride(from: 0, to: bytes, by: 8) {
        let word = random.next()
        UnsafeMutableRawBufferPointer(buffer).storeBytes(
          of: word, toByteOffset: at, as: UInt64.self)
      }
      count = bytes
    }
  }

  /// A group's bytes of some blocks, [layers, blocks * rows, row bytes].
  static func part(
    _ prompt: [Int32], range: Range<Int>, group index: Int, layout: ContextLayout = layout
  ) -> [UInt8] {
    let group = layout.groups[index]
    var bytes: [UInt8] = []
    for layer in 0..<group.layers {
      for block in range {
        for row in 0..<layout.rowsPerBlock(group) {
          bytes += Self.row(
            prompt, block: block, group: index, layer: layer, row: row, bytes: group.rowBytes)
        }
      }
    }
    return bytes
  }
}

extension ContextSpace {
  /// Puts blocks whose bytes follow from the prompt; all groups, or some.
  @discardableResult
  func putMade(
    _ prompt: [Int32], _ range: Range<Int>, groups: [Int] = [0, 1], relaxed: Bool = false
  ) throws -> ContextPutResult {
    let made = groups.map {
      ContextFixture.part(prompt, range: range, group: $0, layout: namespace.layout)
    }
    var parts: [String: UnsafeRawBufferPointer] = [:]
    defer { for part in parts.values { part.deallocate() } }
    for (index, bytes) in zip(groups, made) {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
      copy.copyBytes(from: bytes)
      parts[namespace.layout.groups[index].name] = UnsafeRawBufferPointer(copy)
    }
    return relaxed
      ? try putRelaxed(.tokens(prompt), range: range, parts: parts)
      : try putDurable(.tokens(prompt), range: range, parts: parts)
  }
}

extension ContextPrefix {
  /// All layers of a group of some blocks, and how many of those were delivered.
  func bytes(_ group: String, _ blocks: Range<Int>) throws -> (bytes: [UInt8], delivered: Int) {
    let description = try #require(space.namespace.layout.groups.first { $0.name == group })
    let count = space.namespace.layout.bytesPerBlock(description) * blocks.count
    var bytes = [UInt8](repeating: 0, count: count)
    let delivered = try bytes.withUnsafeMutableBytes {
      try get(group, layers: 0..<description.layers, blocks: blocks, into: $0)
    }
    return (bytes, delivered)
  }

  func row(_ group: String, layer: Int, row: Int64, bytes: Int) throws -> [UInt8] {
    var found = [UInt8](repeating: 0, count: bytes)
    try found.withUnsafeMutableBytes { out in
      try [row].withUnsafeBufferPointer { try gather(group, layer: layer, rows: $0, into: out) }
    }
    return found
  }
}
