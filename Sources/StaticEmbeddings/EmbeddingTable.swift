import Digests
import Files
import Safetensors

/// The vectors of a model's tokens, as float32.
struct EmbeddingTable: Sendable {
  /// More rows or dimensions are refused.
  static let rowLimit = 1 << 24
  static let dimensionLimit = 1 << 16
  /// Larger files are refused.
  static let sizeLimit = 4 << 30
  /// Numbers and weights beyond this are refused: sums of their products stay finite.
  static let magnitudeLimit: Float = 1e15

  let dimensions: Int
  /// [rows, dimensions]
  private let numbers: [Float]
  /// Row and weight of each token.
  private let rows: [Int32]
  private let weights: [Float]

  /// Reads `embeddings`, `mapping` and `weights`.
  ///
  /// - Parameter tokens: how many tokens the tokenizer may give; each has to have a row.
  /// - Returns: the table, and the digest of the file.
  static func read(
    _ path: String, tokens: Int
  ) throws(StaticEmbeddingError) -> (EmbeddingTable, SHA256Digest) {
    do {
      let mapped = try MappedFile(path: path, access: .sequential)
      defer { withExtendedLifetime(mapped) {} }
      guard mapped.count <= sizeLimit else {
        throw StaticEmbeddingError.badModel(
          path: path, reason: "\(mapped.count) bytes, at most \(sizeLimit)")
      }
      // One copy, so that what is digested is what is read.
      let bytes = Array(mapped.bytes)
      let digest = bytes.withUnsafeBytes { SHA256Digest(of: $0) }
      let file = try SafetensorsFile(bytes: bytes, name: path)
      return (try EmbeddingTable(file, tokens: tokens), digest)
    } catch let error as StaticEmbeddingError {
      throw error
    } catch let error as SafetensorsError {
      throw .tensors(error)
    } catch let error as FileError {
      throw .file(error)
    } catch {
      throw .badModel(path: path, reason: "\(error)")
    }
  }

  private init(_ file: SafetensorsFile, tokens: Int) throws {
    func bad(_ reason: String) -> StaticEmbeddingError {
      .badModel(path: file.path, reason: reason)
    }
    let embeddings = try file.tensor(named: "embeddings")
    guard embeddings.shape.count == 2 else {
      throw bad("its embeddings are of \(embeddings.shape.count) dimensions, not [rows, numbers]")
    }
    let rowCount = embeddings.shape[0]
    dimensions = embeddings.shape[1]
    guard rowCount > 0, rowCount <= Self.rowLimit, dimensions > 0,
      dimensions <= Self.dimensionLimit
    else { throw bad("its embeddings are \(rowCount) x \(dimensions)") }
    numbers = try Self.numbers(file, embeddings)
    if let bad = numbers.firstIndex(where: { !($0.magnitude <= Self.magnitudeLimit) }) {
      throw StaticEmbeddingError.badModel(
        path: file.path,
        reason: "row \(bad / dimensions) has a number that is not finite or is huge")
    }
    rows = try Self.mapping(file, tokens: tokens, rowCount: rowCount)
    weights = try Self.weights(file, tokens: tokens)
  }

  /// The mean of some tokens' weighted vectors; zeros where there are none.
  ///
  /// - Parameter ids: below the number of tokens.
  func mean(of ids: ArraySlice<Int32>) -> [Float] {
    var sums = [Float](repeating: 0, count: dimensions)
    guard !ids.isEmpty else { return sums }
    numbers.withUnsafeBufferPointer { numbers in
      sums.withUnsafeMutableBufferPointer { sums in
        for id in ids {
          let weight = weights[Int(id)]
          let row = numbers.baseAddress! + Int(rows[Int(id)]) * dimensions
          for index in 0..<dimensions { sums[index] += row[index] * weight }
        }
        let count = Float(ids.count)
        for index in 0..<dimensions { sums[index] /= count }
      }
    }
    return sums
  }

  private static func numbers(
    _ file: SafetensorsFile, _ tensor: TensorDescription
  ) throws -> [Float] {
    guard tensor.type == .i8 else { return try file.floats(of: tensor.name) }
    return file.withUnsafeBytes(of: tensor) { $0.map { Float(Int8(bitPattern: $0)) } }
  }

  /// The row of each token; its own number where the model has no mapping.
  private static func mapping(
    _ file: SafetensorsFile, tokens: Int, rowCount: Int
  ) throws -> [Int32] {
    func bad(_ reason: String) -> StaticEmbeddingError {
      .badModel(path: file.path, reason: reason)
    }
    guard let tensor = file["mapping"] else {
      guard tokens <= rowCount else {
        throw bad("\(rowCount) rows, and no mapping, for \(tokens) tokens")
      }
      return (0..<Int32(tokens)).map { $0 }
    }
    guard tensor.shape.count == 1, tensor.shape[0] >= tokens else {
      throw bad("its mapping has shape \(tensor.shape.prefix(4)), the tokenizer \(tokens) tokens")
    }
    return try file.withUnsafeBytes(of: tensor) { bytes in
      try (0..<tokens).map { token in
        let row: Int
        switch tensor.type {
        case .i64:
          row = Int(
            Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * token, as: Int64.self)))
        case .i32:
          row = Int(
            Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * token, as: Int32.self)))
        default: throw bad("its mapping is \(tensor.type.rawValue), not I64 or I32")
        }
        guard (0..<rowCount).contains(row) else {
          throw bad("token \(token) is sent to row \(row) of \(rowCount)")
        }
        return Int32(row)
      }
    }
  }

  private static func weights(_ file: SafetensorsFile, tokens: Int) throws -> [Float] {
    guard let tensor = file["weights"] else { return [Float](repeating: 1, count: tokens) }
    let weights = try file.floats(of: "weights")
    guard tensor.shape.count == 1, weights.count >= tokens,
      weights.allSatisfy({ $0.magnitude <= magnitudeLimit })
    else {
      throw StaticEmbeddingError.badModel(
        path: file.path,
        reason:
          "its weights have shape \(tensor.shape.prefix(4)) or are not finite or huge, the tokenizer "
          + "has \(tokens) tokens")
    }
    return weights
  }
}
