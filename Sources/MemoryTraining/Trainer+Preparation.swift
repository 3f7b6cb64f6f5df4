import Addressing
import Files
import Foundation
import Fusion
import Tokenization

extension Trainer {
  static func makeMemory(
    _ options: TrainingOptions, _ addressing: Addressing, tokenizer: Tokenizer, folder: String,
    dense: DenseOptimizer.State?
  ) throws -> (TrainingParts.Memory, TokenMap?) {
    var map: TokenMap?
    switch addressing.tokens {
    case .mapped(let size, _, _):
      if let size, size < tokenizer.vocabularySize {
        throw TrainingError.vocabulary(tokenizer: tokenizer.vocabularySize, addressing: size)
      }
      map = try TokenMap(tokenizer: tokenizer)
    case .raw(let size):
      if let size, size < tokenizer.vocabularySize {
        throw TrainingError.vocabulary(tokenizer: tokenizer.vocabularySize, addressing: size)
      }
    }
    let hasher = try NgramHasher(addressing, tokenMap: map)
    let width = try options.rowWidth(heads: addressing.heads)
    let shape = try FusionShape(
      form: options.form, branches: options.branches, width: options.width,
      inputs: addressing.columns * width, kernel: options.form == .deepSeekV41 ? 0 : 4,
      dilation: addressing.maxOrder)
    let rows = Int(addressing.rowCount)
    let needed = rows * (width + 1) * 4 + 8192
    let free = try freeBytes(in: folder)
    guard needed < free else {
      throw TrainingError.diskFull(path: folder, needed: needed, free: free)
    }
    let file = try UpdatableRows(count: rows, dimension: width, path: folder + "/rows")
    let optimizer =
      dense.map { DenseOptimizer($0) }
      ?? DenseOptimizer(FusionParameters(shape: shape, seed: options.seed).values)
    let memory = TrainingParts.Memory(
      hasher: hasher, rows: file, shape: shape, dense: optimizer, spread: options.rowSpread)
    return (memory, map)
  }

  /// The addressing of a preset for a tokenizer: the first layer's, its vocabulary the tokenizer's.
  ///
  /// - Parameter overrides: where it names a base, layers or a vocabulary, that is taken.
  /// - Throws: `AddressingError`, `TokenMapError`; `TrainingError.vocabulary` where the overrides'
  ///   vocabulary is smaller than the tokenizer's.
  public static func addressing(
    _ preset: Addressing.Preset, overrides: Addressing.Overrides, tokenizer: Tokenizer
  ) throws -> Addressing {
    var overrides = overrides
    let size = tokenizer.vocabularySize
    if let given = overrides.vocabularySize, given < size {
      throw TrainingError.vocabulary(tokenizer: size, addressing: given)
    }
    overrides.vocabularySize = size
    if overrides.base == nil { overrides.base = [1 << 17] }
    if preset == .qwenPLE {
      if overrides.padTokenID == nil { overrides.padTokenID = 0 }
    } else if overrides.compressedVocabularySize == nil {
      overrides.compressedVocabularySize = try TokenMap(tokenizer: tokenizer).compressedSize
    }
    return try Addressing.layers(of: preset, overrides: overrides)[0]
  }
}
