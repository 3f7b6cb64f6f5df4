import ContextStore
import Files
import TestCheckpoints

/// A small context store: two namespaces, three prompts of 16 blocks each in the first.
struct ContextFixture {
  let scratch: ScratchFolder
  let namespace: ContextNamespace

  var path: String { scratch("store/context") }
  var storePath: String { scratch("store") }

  static let blocks = 16

  init() throws {
    scratch = try ScratchFolder()
    let layout = ContextLayout(
      blockTokens: 4, groups: [ContextGroup(name: "latent", layers: 3, rowBytes: 50)])
    namespace = try ContextNamespace(model: "first", revision: "r1", layout: layout)
    try DurableFile.createFolder(storePath)
    let store = try ContextStore(
      path: path, mode: .writing, options: .init(capacityBytes: 16 << 20))
    defer { store.close() }
    let bytes = [UInt8](repeating: 5, count: Self.blocks * 4 * 3 * 50)
    let space = try store.space(namespace)
    for number in 0..<3 {
      _ = try bytes.withUnsafeBytes {
        try space.putDurable(
          .tokens(Self.prompt(number)), range: 0..<Self.blocks, parts: ["latent": $0])
      }
    }
    _ = try store.space(ContextNamespace(model: "second\nline", layout: layout))
  }

  /// Prompts whose first 8 tokens, two blocks, are the same.
  static func prompt(_ number: Int) -> [Int32] {
    (0..<Int32(4 * blocks)).map { $0 < 8 ? $0 : $0 + 1000 * Int32(number + 1) }
  }

  /// Blocks that are there: the first two are all prompts'.
  static let stored = 3 * blocks - 4

  /// Writes a file beside the store; returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    try DurableFile.write(text, to: scratch(name))
    return scratch(name)
  }
}
