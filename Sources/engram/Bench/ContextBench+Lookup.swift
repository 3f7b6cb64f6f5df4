import ContextStore
import Foundation

/// Looking up a long prompt among many blocks, and what an index of them takes.
extension ContextBench {
  private static let promptTokens = 128_000

  func lookup(blocks: Int) throws {
    try inFolder {
      let namespace = try ContextNamespace(
        model: "bench",
        layout: ContextLayout(
          groups: [ContextGroup(name: "tiny", layers: 1, rowBytes: 16, tokensPerRow: 64)]))
      let perPrompt = Self.promptTokens / 64
      let prompts = max(1, blocks / perPrompt)
      try fill(namespace, prompts: prompts, perPrompt: perPrompt)
      try opened(namespace, prompts: prompts, perPrompt: perPrompt)
    }
  }

  private func fill(_ namespace: ContextNamespace, prompts: Int, perPrompt: Int) throws {
    let store = try open("store", bytes: prompts * perPrompt * 4096)
    let space = try store.space(namespace)
    let bar = ProgressBar("putting \(prompts * perPrompt) blocks")
    defer { bar.clear() }
    let bytes = [UInt8](repeating: 9, count: 16 * perPrompt)
    for prompt in 0..<prompts {
      let tokens = Self.prompt(tokens: Self.promptTokens, seed: UInt64(prompt))
      let result = try bytes.withUnsafeBytes {
        try space.putRelaxed(.tokens(tokens), range: 0..<perPrompt, parts: ["tiny": $0])
      }
      try Self.require(result.refused == 0, "store a block: is the disk full?")
      try bar.update((prompt + 1) * perPrompt * 4096, prompts * perPrompt * 4096)
    }
    store.close()
  }

  private func opened(_ namespace: ContextNamespace, prompts: Int, perPrompt: Int) throws {
    let blocks = prompts * perPrompt
    var openings: [Double] = []
    for _ in 0..<max(3, rounds) {
      let start = DispatchTime.now()
      let store = try open("store", bytes: blocks * 4096)
      openings.append(ProgressBar.seconds(since: start))
      store.close()
    }
    // What earlier openings gave back must not be counted as there already.
    Self.giveBackFreedMemory()
    let before = Measure.privateBytes()
    let store = try open("store", bytes: blocks * 4096)
    let space = try store.space(namespace)
    let memory = Measure.privateBytes() - before
    var times: [Double] = []
    for number in 0..<(10 * max(3, rounds)) {
      let seed = UInt64(number * 7919 % prompts)
      let blocks = ContextBlocks.tokens(Self.prompt(tokens: Self.promptTokens, seed: seed))
      var found = 0
      times.append(try Measure.seconds { found = try space.lookup(blocks).blockCount })
      try Self.require(found == perPrompt, "find a prompt")
    }
    print(
      "lookup of \(Self.promptTokens) tokens among \(blocks) blocks", Measure.median(times) * 1e3,
      "ms")
    print("private memory of an index of \(blocks) blocks", Double(memory) / 1e6, "MB")
    print("open a store of \(blocks) blocks for writing", Measure.median(openings) * 1e3, "ms")
    store.close()
  }

  /// glibc's `malloc_trim`, which no module of ours declares.
  private static func giveBackFreedMemory() {
    guard let symbol = dlsym(nil, "malloc_trim") else { return }
    let trim = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)
    _ = trim(0)
  }
}
