import Addressing
import ArgumentParser
import Files
import Foundation

/// The options that name an addressing scheme: a preset or a model's config, and what to change.
struct AddressingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The published scheme: deepseek-v4.1, engram-paper or qwen-ple.", valueName: "name"))
  var preset: String?

  @Option(
    help: ArgumentHelp(
      "A model's config.json, in place of a preset; the options below change it.",
      valueName: "file"))
  var config: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "All layers of the model that have a table, in order: bucket sizes are dealt layer by layer.",
      valueName: "layer"))
  var layers: [Int] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The smallest bucket size: one number, or one an order.", valueName: "rows"))
  var base: [UInt64] = []

  @Option(help: ArgumentHelp("Columns an order, 1 to 64.", valueName: "count"))
  var heads: Int?

  @Option(help: ArgumentHelp("The longest N-grams, 2 to 8.", valueName: "tokens"))
  var maxOrder: Int?

  @Option(help: ArgumentHelp("The seed of the multipliers.", valueName: "number"))
  var seed: UInt64?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The multipliers themselves, one a position.", valueName: "number"))
  var multipliers: [UInt64] = []

  @Option(
    help: ArgumentHelp("The pad token; in qwen-ple, the end-of-sequence token.", valueName: "id"))
  var pad: Int32?

  @Option(help: ArgumentHelp("The number of token ids.", valueName: "count"))
  var vocabulary: Int?

  @Option(help: ArgumentHelp("The number of compressed token ids.", valueName: "count"))
  var compressedVocabulary: Int?

  /// The tables that the options describe, one a layer.
  func resolved() throws -> [Addressing] {
    switch (preset, config) {
    case (let name?, nil):
      return try Addressing.layers(of: Addressing.Preset(named: name), overrides: overrides)
    case (nil, let path?):
      return try Addressing.layers(fromConfig: Self.object(at: path), overrides: overrides)
    default:
      throw CommandError("give either --preset or --config")
    }
  }

  private var overrides: Addressing.Overrides {
    var result = Addressing.Overrides()
    result.layers = layers.isEmpty ? nil : layers
    result.base = base.isEmpty ? nil : base
    result.maxOrder = maxOrder
    result.heads = heads
    result.seed = seed
    result.multipliers = multipliers.isEmpty ? nil : multipliers
    result.padTokenID = pad
    result.vocabularySize = vocabulary
    result.compressedVocabularySize = compressedVocabulary
    return result
  }

  private static func object(at path: String) throws -> [String: Any] {
    let file = try MappedFile(path: path)
    guard file.count <= 16 << 20 else {
      throw CommandError("\(path) has \(file.count) bytes", hint: "give a model's config.json")
    }
    guard let object = try? JSONSerialization.jsonObject(with: Data(file.bytes)),
      let dictionary = object as? [String: Any]
    else { throw CommandError("\(path) is not a JSON object", hint: "give a model's config.json") }
    return dictionary
  }
}
