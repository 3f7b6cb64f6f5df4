/// One part of a model's attention state: what a token, or a few, leave in each of some layers.
public struct ContextGroup: Codable, Hashable, Sendable {
  /// Its name, e.g. "latent": letters, digits, `_`, `-`, `.`.
  public let name: String
  /// How many layers have it.
  public let layers: Int
  /// Bytes of a row: one row a layer for each `tokensPerRow` tokens.
  public let rowBytes: Int
  /// What the bytes are, for the engine: "bf16", "fp8_ds_mla". Not looked into.
  public let dtype: String
  /// Tokens that a row stands for: 1, or more where the model compresses along the prompt.
  public let tokensPerRow: Int

  /// A group; checked when it becomes part of a namespace.
  public init(name: String, layers: Int, rowBytes: Int, dtype: String = "", tokensPerRow: Int = 1) {
    self.name = name
    self.layers = layers
    self.rowBytes = rowBytes
    self.dtype = dtype
    self.tokensPerRow = tokensPerRow
  }

  enum CodingKeys: String, CodingKey {
    case name, layers, dtype
    case rowBytes = "row_bytes"
    case tokensPerRow = "tokens_per_row"
  }
}

/// How a prompt's state is cut: blocks of tokens, and the groups of each.
public struct ContextLayout: Hashable, Sendable {
  /// Tokens of a block.
  public let blockTokens: Int
  /// The groups, in the order in which they lie in a block.
  public let groups: [ContextGroup]

  /// A layout; checked when it becomes part of a namespace.
  public init(blockTokens: Int = 64, groups: [ContextGroup]) {
    self.blockTokens = blockTokens
    self.groups = groups
  }

  /// Rows of a group in one layer of one block.
  public func rowsPerBlock(_ group: ContextGroup) -> Int { blockTokens / group.tokensPerRow }

  /// Bytes of a group in one block, as a caller gives them: [layers, rows, row bytes].
  public func bytesPerBlock(_ group: ContextGroup) -> Int {
    group.layers * rowsPerBlock(group) * group.rowBytes
  }

  /// Keys and values of multi-head or grouped-query attention: one group `kv`, a row the keys of all
  /// heads and then their values.
  public static func attention(
    layers: Int, keyValueHeads: Int, headDimension: Int, bytesPerNumber: Int = 2,
    dtype: String = "bf16", blockTokens: Int = 64
  ) -> ContextLayout {
    ContextLayout(
      blockTokens: blockTokens,
      groups: [
        ContextGroup(
          name: "kv", layers: layers, rowBytes: 2 * keyValueHeads * headDimension * bytesPerNumber,
          dtype: dtype)
      ])
  }

  /// How the latent of multi-head latent attention is stored.
  public enum LatentCodec: String, Sendable, CaseIterable {
    /// 576 numbers of two bytes: 1,152 bytes a token (512 latent, 64 rotary; DeepSeek-V3).
    case bfloat16 = "bf16"
    /// 656 bytes a token: 512 FP8 codes, four float32 scales, 64 rotary numbers in bf16, as
    /// DeepSeek-V3.2's FlashMLA kernels read them.
    case fp8

    var group: (rowBytes: Int, dtype: String) {
      switch self {
      case .bfloat16: (1152, "bf16")
      case .fp8: (656, "fp8_ds_mla")
      }
    }
  }

  /// The latent of multi-head latent attention: one group `latent`, and with `indexer` a second one,
  /// `indexer`: the keys by which sparse attention chooses tokens, 128 FP8 codes and a float32 scale.
  public static func latent(
    layers: Int, codec: LatentCodec = .bfloat16, indexer: Bool = false, blockTokens: Int = 64
  ) -> ContextLayout {
    let latent = codec.group
    var groups = [
      ContextGroup(name: "latent", layers: layers, rowBytes: latent.rowBytes, dtype: latent.dtype)
    ]
    if indexer {
      groups.append(ContextGroup(name: "indexer", layers: layers, rowBytes: 132, dtype: "fp8"))
    }
    return ContextLayout(blockTokens: blockTokens, groups: groups)
  }

  /// The parts of DeepSeek-V4's attention: `latent`, entries compressed from 4 tokens each, and
  /// `indexer`, the keys by which they are chosen, in the layers of compressed sparse attention;
  /// `heavy`, entries compressed from 128 tokens each, in the heavily compressed ones; and `window`,
  /// the uncompressed last tokens of every layer, worth a lifetime of their own.
  ///
  /// - Parameter rowBytes: bytes of an entry: 584 (448 FP8 codes, 64 rotary numbers in bf16, 8
  ///   scales) where the engine stores FP8, 1,024 in bf16.
  public static func deepSeekV4(
    sparseLayers: Int, heavyLayers: Int, rowBytes: Int = 584, blockTokens: Int = 256
  ) -> ContextLayout {
    ContextLayout(
      blockTokens: blockTokens,
      groups: [
        ContextGroup(
          name: "latent", layers: sparseLayers, rowBytes: rowBytes, dtype: "fp8_ds_mla",
          tokensPerRow: 4),
        ContextGroup(
          name: "indexer", layers: sparseLayers, rowBytes: 132, dtype: "fp8", tokensPerRow: 4),
        ContextGroup(
          name: "heavy", layers: heavyLayers, rowBytes: rowBytes, dtype: "fp8_ds_mla",
          tokensPerRow: 128),
        ContextGroup(
          name: "window", layers: sparseLayers + heavyLayers, rowBytes: rowBytes,
          dtype: "fp8_ds_mla"),
      ])
  }
}
