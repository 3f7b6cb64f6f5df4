/// What can be wrong with a model folder. Each prints as one line: what, where, what to do.
public enum CheckpointError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The config cannot be read as JSON.
  case badConfig(path: String, reason: String)
  /// The folder describes no memory table.
  case noTables(path: String)
  /// A tensor that the table needs is not there.
  case missingTensor(name: String, path: String)
  /// A tensor of another type or shape than the model's.
  case wrongTensor(name: String, expected: String, found: String)
  /// The table has not as many rows as its addressing.
  case wrongRowCount(table: String, rows: Int, expected: Int)
  /// The layer asked for has no table.
  case noSuchLayer(Int, available: [Int])
  /// Several tensors could be the table.
  case ambiguousTensor(path: String, candidates: [String])

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .badConfig(let path, let reason): "\(path) cannot be used: \(reason)"
    case .noTables(let path):
      "\(path) describes no memory table: config.json has neither engram_layer_ids nor "
        + "ple_layer_ids, and no tensor was named (--tensor)"
    case .missingTensor(let name, let path):
      "\(path) has no tensor \(name); is the name right and the download complete?"
    case .wrongTensor(let name, let expected, let found):
      "tensor \(name) is \(found), expected \(expected)"
    case .wrongRowCount(let table, let rows, let expected):
      "\(table) has \(rows) rows, its addressing gives \(expected) (the sum of its primes); the "
        + "config or the addressing is another model's"
    case .noSuchLayer(let layer, let available):
      available.isEmpty
        ? "layer \(layer) cannot be chosen: a plain tensor belongs to no layer; leave --layer away"
        : "layer \(layer) has no memory table; layers "
          + "\(available.map(String.init).joined(separator: ", ")) have"
    case .ambiguousTensor(let path, let candidates):
      "\(path) has several tensors of two dimensions; name one with --tensor: "
        + candidates.prefix(8).joined(separator: ", ") + (candidates.count > 8 ? ", ..." : "")
    }
  }
}
