import Safetensors
import SeededRandom

extension MadeCheckpoint {
  /// How a DeepSeek checkpoint's tables are dealt to files.
  public enum Layout: Sendable {
    /// A file a layer, other tensors in a third.
    case fileALayer
    /// Both layers in one file, other tensors in another.
    case oneFile
    /// Everything in one file.
    case mixed
  }

  /// The smallest bucket of all checkpoints made here.
  public static let base = 300

  /// Two layers of 24 columns: codes and scales of random bytes, NaNs among them.
  ///
  /// - Parameter width: numbers in a row.
  public static func deepSeek(
    layers: [Int] = [1, 14], width: Int = 64, layout: Layout = .fileALayer,
    inTextConfig: Bool = false, base: Int = base, seed: UInt64 = 1
  ) -> MadeCheckpoint {
    var generator = SeededGenerator(seed: seed)
    let primes = primes(from: base, count: 24 * layers.count)
    var tensors: [Tensor] = []
    var rowCounts: [Int] = []
    for (index, layer) in layers.enumerated() {
      let rows = primes[(24 * index)..<(24 * (index + 1))].reduce(0, +)
      rowCounts.append(rows)
      let name = "layers.\(layer).engram."
      let file = layout == .fileALayer ? "layer\(layer)" : "tables"
      let other = layout == .mixed ? "tables" : "other"
      tensors += [
        Tensor(name + "embed.weight", .f8e4m3, [rows, width], file: file, random: &generator),
        Tensor(
          name + "embed.scale", .f8e8m0, [rows, width / 32], file: file, random: &generator),
        Tensor(name + "q_weight", .f32, [4, 8], file: other, random: &generator),
      ]
      // NaN codes of both signs, a NaN scale.
      tensors[tensors.count - 3].bytes[5] = 0x7F
      tensors[tensors.count - 3].bytes[6] = 0xFF
      tensors[tensors.count - 2].bytes[3] = 0xFF
    }
    let settings = """
      "engram_layer_ids": \(layers), "engram_num_embeddings": \(rowCounts),
      "engram_max_ngram_size": 4, "engram_vocab_size": \(base), "engram_n_heads": 8,
      "engram_head_dim": \(width), "engram_pad_token_id": 2,
      "engram_compressed_vocab_size": 99092
      """
    return MadeCheckpoint(
      tensors: tensors,
      config: inTextConfig
        ? "{\"model_type\": \"x\", \"text_config\": {\(settings)}}" : "{\(settings)}")
  }

  /// What the names of Qwen's table tensors begin with.
  public static let qwenPrefix = "model.language_model.layers.1.ple.ple_embedding."

  /// One layer of 16 columns in 128 shards over three files; the third also holds the
  /// multipliers and, for FP8, the scale.
  public static func qwen(
    type: TensorType = .bf16, scaleBits: UInt32 = 0x3D00_0000,
    multipliers: [UInt64] = [1_234_567_891, 987_654_321_987, 55_555_555_557], width: Int = 32,
    seed: UInt64 = 2
  ) -> MadeCheckpoint {
    var generator = SeededGenerator(seed: seed)
    let rows = (primes(from: base, count: 16).reduce(0, +) + 127) / 128
    let embedding = qwenPrefix + "ngram_embedding."
    var tensors = (0..<128).map { shard in
      Tensor(
        "\(embedding)shard_\(shard).weight", type, [rows, width], file: "part\(shard * 3 / 128)",
        random: &generator)
    }
    if type == .f8e4m3 {
      tensors.append(
        Tensor(
          embedding + "weight_scale", .f32, [1],
          withUnsafeBytes(of: scaleBits.littleEndian) { Array($0) }, file: "part2"))
    }
    tensors.append(
      Tensor(
        qwenPrefix + "layer_multipliers", .i64, [multipliers.count],
        multipliers.flatMap { number in
          withUnsafeBytes(of: number.littleEndian) { Array($0) }
        }, file: "part2"))
    let config =
      "{\"ple_layer_ids\": [2], \"ngram_size\": 3, \"ngram_vocab_size_base\": \(base)}"
    return MadeCheckpoint(tensors: tensors, config: config)
  }

  /// One tensor of rows.
  public static func plain(
    type: TensorType, rows: Int, width: Int, seed: UInt64 = 3
  ) -> MadeCheckpoint {
    var generator = SeededGenerator(seed: seed)
    return MadeCheckpoint(
      tensors: [Tensor("embedding.weight", type, [rows, width], random: &generator)])
  }

  /// The first primes from `base` on, by trial division.
  public static func primes(from base: Int, count: Int) -> [Int] {
    var primes: [Int] = []
    var number = base
    while primes.count < count {
      if (2..<number).allSatisfy({ $0 * $0 > number || number % $0 != 0 }) { primes.append(number) }
      number += 1
    }
    return primes
  }
}
