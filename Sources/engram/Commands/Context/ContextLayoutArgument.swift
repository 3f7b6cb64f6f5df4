import ArgumentParser
import ContextStore

/// A layout on the command line: `latent-fp8:61`, `attention:32x8x128`.
struct ContextLayoutArgument: ExpressibleByArgument {
  let layout: ContextLayout
  let name: String

  /// What may be given.
  static let forms = """
    latent-fp8:LAYERS, latent-bf16:LAYERS, dsa:LAYERS (latent in FP8 and indexer keys), \
    deepseek-v4:SPARSExHEAVY, attention:LAYERSxHEADSxDIMENSION
    """

  init?(argument: String) {
    name = argument
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let words = parts[1].split(separator: "x", omittingEmptySubsequences: false)
    let numbers = words.compactMap { Int($0) }.filter { (1...65_536).contains($0) }
    guard numbers.count == words.count else { return nil }
    switch (parts[0], numbers.count) {
    case ("latent-fp8", 1): layout = .latent(layers: numbers[0], codec: .fp8)
    case ("latent-bf16", 1): layout = .latent(layers: numbers[0], codec: .bfloat16)
    case ("dsa", 1): layout = .latent(layers: numbers[0], codec: .fp8, indexer: true)
    case ("deepseek-v4", 2):
      layout = .deepSeekV4(sparseLayers: numbers[0], heavyLayers: numbers[1])
    case ("attention", 3):
      layout = .attention(
        layers: numbers[0], keyValueHeads: numbers[1], headDimension: numbers[2])
    default: return nil
    }
  }

  var defaultValueDescription: String { name }

  /// Bytes of state a token.
  var bytesPerToken: Double {
    Double(layout.groups.reduce(0) { $0 + layout.bytesPerBlock($1) }) / Double(layout.blockTokens)
  }
}
