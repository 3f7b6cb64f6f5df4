import Digests
import Files
import Safetensors
import StrictJSON
import Tokenization

/// A static embedding model as Model2Vec writes it: a text's vector is the mean of its tokens'
/// vectors, each times its token's weight.
///
///     let model = try StaticEmbedding(folder: "static_model")
///     let vector = try model.embed("external memory")
///
/// The folder holds `model.safetensors` (`embeddings` [rows, dimensions], and where the model has
/// them `mapping`, a token's row, and `weights`, one a token), `tokenizer.json` and `config.json`
/// (`normalize`). Safe to use from any number of threads at once.
public final class StaticEmbedding: Sendable {
  /// Numbers of a vector.
  public let dimensions: Int
  /// SHA-256 over the digests of the three files: another model has another.
  public let identity: String

  /// Tokens of a text after this many are not looked at, as in the reference.
  public static let tokenLimit = 512

  private let tokenizer: SubwordTokenizer
  private let tokenizerPath: String
  private let table: EmbeddingTable
  private let normalizes: Bool

  /// Reads a model's folder.
  ///
  /// - Throws: `StaticEmbeddingError`, for every way in which the files can disagree.
  /// - Complexity: linear in the files; all of the model is read and kept in memory.
  public init(folder: String) throws(StaticEmbeddingError) {
    tokenizerPath = folder + "/tokenizer.json"
    let config = folder + "/config.json"
    let tokenizerFile: MappedFile
    let configBytes: [UInt8]
    do {
      tokenizerFile = try MappedFile(path: tokenizerPath, access: .sequential)
      configBytes = try DurableFile.read(config, limit: 1 << 20)
    } catch { throw .file(error) }
    do { tokenizer = try SubwordTokenizer(json: tokenizerFile.bytes) } catch {
      throw .tokenizer(path: tokenizerPath, error)
    }
    withExtendedLifetime(tokenizerFile) {}
    normalizes = try Self.normalizes(configBytes, path: config)
    let (table, digest) = try EmbeddingTable.read(
      folder + "/model.safetensors", tokens: tokenizer.vocabularySize)
    self.table = table
    dimensions = table.dimensions
    let configDigest = configBytes.withUnsafeBytes { SHA256Digest(of: $0) }
    identity =
      SHA256Digest(
        of: "static-embedding \(tokenizer.identity) \(digest) \(configDigest)"
      ).description
  }

  /// The vector of a text; of length one where the model normalises, all zero for a text without
  /// tokens.
  ///
  /// - Throws: `StaticEmbeddingError.tokenizer` where the tokenizer refuses the text.
  public func embed(_ text: String) throws(StaticEmbeddingError) -> [Float] {
    do { return vector(of: try tokenizer.encode(text)) } catch {
      throw .tokenizer(path: tokenizerPath, error)
    }
  }

  /// The vector of a text in UTF-8.
  public func embed(
    utf8 text: UnsafeBufferPointer<UInt8>
  ) throws(StaticEmbeddingError) -> [Float] {
    do { return vector(of: try tokenizer.encode(utf8: text)) } catch {
      throw .tokenizer(path: tokenizerPath, error)
    }
  }

  private func vector(of ids: [Int32]) -> [Float] {
    // Words that WordPiece cannot write say nothing; Unigram's unknown token counts as others do.
    let known = tokenizer.unknownWord.map { unknown in ids.filter { $0 != unknown } } ?? ids
    var vector = table.mean(of: known.prefix(Self.tokenLimit))
    guard normalizes else { return vector }
    var squares = 0.0
    for number in vector { squares += Double(number) * Double(number) }
    let length = squares.squareRoot()
    guard length > 0 else { return vector }
    for index in vector.indices { vector[index] = Float(Double(vector[index]) / length) }
    return vector
  }

  private static func normalizes(
    _ json: [UInt8], path: String
  ) throws(StaticEmbeddingError) -> Bool {
    let document: JSONDocument
    do { document = try JSONDocument(json) } catch {
      throw .badModel(path: path, reason: "it is not JSON: \(error.reason)")
    }
    guard let members = document.root.members else {
      throw .badModel(path: path, reason: "it is no JSON object")
    }
    var normalizes = false
    for (name, value) in members where name.elementsEqual("normalize".utf8) && !value.isNull {
      guard let value = value.bool else {
        throw .badModel(path: path, reason: "\"normalize\" is neither true nor false")
      }
      normalizes = value
    }
    return normalizes
  }
}
