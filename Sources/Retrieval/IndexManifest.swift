import Digests
import Files
import Foundation
import Storage

/// Everything that says what an index of a dataset version is: `manifest.json` of its folder.
public struct IndexManifest: Codable, Hashable, Sendable {
  /// The format that this program writes, and the newest it reads.
  public static let formatVersion = 1

  /// The manifest's format.
  public var format: Int
  /// The dataset.
  public var dataset: String
  /// Its version.
  public var version: Int
  /// The identity of that version.
  public var datasetIdentity: String
  /// How it was indexed.
  public var options: IndexOptions
  /// What is searched.
  public var segments: [SegmentPart]
  /// What made the vectors; `nil` where there are none.
  public var vectors: VectorSource?
  /// Documents.
  public var documents: Int
  /// Their passages.
  public var passages: Int
  /// Words of these.
  public var words: Int
  /// Bytes of the documents' texts.
  public var textBytes: Int

  /// A segment, and what of it belongs to this version.
  public struct SegmentPart: Codable, Hashable, Sendable {
    /// The segment's folder.
    public var id: String
    /// The folder of its passages' vectors.
    public var vectors: String?
    /// Documents that it holds.
    public var documents: Int
    /// Those of them that the version has.
    public var alive: Int
    /// Passages that it holds.
    public var passages: Int
    /// Those of the version.
    public var alivePassages: Int
    /// Words of these.
    public var aliveWords: Int
  }

  /// Where vectors came from.
  public struct VectorSource: Codable, Hashable, Sendable {
    /// The folder of the embedding model; `nil` where a user brought the vectors.
    public var model: String?
    /// The model's identity, or the digest of the file.
    public var identity: String
    /// Numbers of a vector.
    public var dimensions: Int

    /// A source.
    public init(model: String?, identity: String, dimensions: Int) {
      self.model = model
      self.identity = identity
      self.dimensions = dimensions
    }
  }

  /// Words of a passage, on average.
  public var averageLength: Double { passages == 0 ? 1 : Double(words) / Double(passages) }

  func canonicalJSON() throws -> [UInt8] { try CanonicalJSON.encode(self) }

  /// Reads the manifest of a published index.
  ///
  /// - Throws: `RetrievalError.corrupt`, `.newerFormat`, `FileError`.
  public static func published(_ index: PublishedIndex, in store: Store) throws -> IndexManifest {
    let path = store.tableFolder(index.id) + "/manifest.json"
    let bytes = try DurableFile.read(path, limit: 1 << 26)
    guard bytes.withUnsafeBytes({ SHA256Digest(of: $0) }).description == index.identity else {
      throw RetrievalError.corrupt(path: path, reason: "its SHA-256 is not the catalog's")
    }
    struct Format: Decodable { var format: Int }
    if let found = try? JSONDecoder().decode(Format.self, from: Data(bytes)).format,
      found > formatVersion
    {
      throw RetrievalError.newerFormat(path: path, found: found, supported: formatVersion)
    }
    guard let manifest = try? JSONDecoder().decode(IndexManifest.self, from: Data(bytes)),
      manifest.dataset == index.dataset, manifest.version == index.version
    else { throw RetrievalError.corrupt(path: path, reason: "it is no manifest of \(index.title)") }
    return manifest
  }
}
