import Foundation

/// Addressing from a model's `config.json`, whose keys are those of the published models.
extension Addressing {
  /// The tables that a model's config describes, in the order of its layers.
  ///
  /// - Parameters:
  ///   - config: the parsed JSON object. Keys may lie in its `text_config`.
  ///   - overrides: what to use in place of the config's own values.
  /// - Throws: `AddressingError.unknownConfig` where no table is described;
  ///   `AddressingError.invalidParameter`, which names the key, where a value is not what it must
  ///   be, or `engram_num_embeddings` is not the sum of the bucket sizes that follow from the
  ///   other values.
  public static func layers(
    fromConfig config: [String: Any], overrides: Overrides = Overrides()
  ) throws(AddressingError) -> [Addressing] {
    for section in [config, config["text_config"] as? [String: Any] ?? [:]] {
      if section["engram_layer_ids"] != nil {
        return try deepseekLayers(ConfigReader(section: section), overrides)
      }
      if section["ple_layer_ids"] != nil {
        return try qwenLayers(ConfigReader(section: section), overrides)
      }
    }
    throw .unknownConfig
  }

  private static func deepseekLayers(
    _ config: ConfigReader, _ given: Overrides
  ) throws(AddressingError) -> [Addressing] {
    var found = Overrides()
    found.layers = try config.integers("engram_layer_ids")
    found.base = try config.sizes("engram_vocab_size")
    found.maxOrder = try config.integer("engram_max_ngram_size")
    found.heads = try config.integer("engram_n_heads")
    found.padTokenID = try config.tokenID("engram_pad_token_id")
    found.compressedVocabularySize = try config.integer("engram_compressed_vocab_size")
    if let width = try config.integer("engram_head_dim") {
      try require(width >= 1 && width <= 1 << 20, "engram_head_dim", "\(width) is not in 1...2^20")
    }
    let layers = try layers(of: .deepseekV41, overrides: given.completed(with: found))
    // The rows that the config announces are a check on all the rest of it.
    guard given == Overrides(), let rows = try config.integers("engram_num_embeddings") else {
      return layers
    }
    try require(
      rows.count == layers.count, "engram_num_embeddings",
      "has \(rows.count) elements for \(layers.count) layers")
    for (count, layer) in zip(rows, layers) {
      try require(
        Int64(count) == layer.rowCount, "engram_num_embeddings",
        "is \(count) in layer \(layer.layer), whose bucket sizes add up to \(layer.rowCount)")
    }
    return layers
  }

  private static func qwenLayers(
    _ config: ConfigReader, _ given: Overrides
  ) throws(AddressingError) -> [Addressing] {
    var found = Overrides()
    if let ids = try config.integers("ple_layer_ids") {
      try require(
        ids.allSatisfy { $0 >= 1 }, "ple_layer_ids", "counts layers from 1 and has one below")
      found.layers = ids.map { $0 - 1 }
    }
    found.base = try config.sizes("ngram_vocab_size_base")
    found.maxOrder = try config.integer("ngram_size")
    return try layers(of: .qwenPLE, overrides: given.completed(with: found))
  }
}

/// Typed reads of one JSON object; a missing or null value is nil, another type an error.
private struct ConfigReader {
  let section: [String: Any]

  func integer(_ key: String) throws(AddressingError) -> Int? {
    guard let value = present(key) else { return nil }
    return try Self.integer(value, key)
  }

  func integers(_ key: String) throws(AddressingError) -> [Int]? {
    guard let value = present(key) else { return nil }
    guard let list = value as? [Any] else {
      throw .invalidParameter(name: key, problem: "is not a list of integers")
    }
    var integers: [Int] = []
    for element in list { integers.append(try Self.integer(element, key)) }
    return integers
  }

  /// One size, or a list of them.
  func sizes(_ key: String) throws(AddressingError) -> [UInt64]? {
    guard let value = present(key) else { return nil }
    let integers: [Int]
    if value is [Any] {
      integers = try self.integers(key) ?? []
    } else {
      integers = [try Self.integer(value, key)]
    }
    var sizes: [UInt64] = []
    for integer in integers {
      try Addressing.require(integer >= 1, key, "is \(integer), which is not positive")
      sizes.append(UInt64(integer))
    }
    return sizes
  }

  func tokenID(_ key: String) throws(AddressingError) -> Int32? {
    guard let value = try integer(key) else { return nil }
    guard let id = Int32(exactly: value), id >= 0 else {
      throw .invalidParameter(name: key, problem: "is \(value), which is no token id")
    }
    return id
  }

  private func present(_ key: String) -> Any? {
    guard let value = section[key], !(value is NSNull) else { return nil }
    return value
  }

  private static func integer(_ value: Any, _ key: String) throws(AddressingError) -> Int {
    // Foundation reads true as a number that casts to 1; its Objective-C type tells it apart.
    let isBoolean =
      value is NSNumber
      ? (value as? NSNumber)?.objCType.pointee == CChar(bitPattern: UInt8(ascii: "c"))
      : value is Bool
    guard !isBoolean, let integer = value as? Int else {
      throw .invalidParameter(name: key, problem: "is not an integer")
    }
    return integer
  }
}
