import Addressing
import Digests
import Files
import Foundation
import Storage

/// Everything that says what a published table version is; `manifest.json` in its folder, as
/// canonical JSON (sorted keys, no spaces). JSON Schema: `Schemas/table-manifest.schema.json`.
public struct TableManifest: Codable, Equatable, Sendable {
  /// The newest format that this program reads. Exact tables have format 2; all others are
  /// written in format 1, which older programs read.
  public static let formatVersion = 2

  /// The format of the manifest and of the files beside it.
  public var format: Int
  /// The table's name, e.g. `deepseek-v4.1/layer1`.
  public var name: String
  /// 1, 2, 3...; a number is never used twice for one name.
  public var version: Int
  /// Rows; ids are 0..<rows.
  public var rows: Int
  /// Numbers in a row.
  public var dimension: Int
  /// How they are stored.
  public var codec: RowCodec
  /// Bytes of a row.
  public var rowBytes: Int
  /// The table-wide scale of codec `fp8e4m3`, as the bits of a float32 (any bits: a NaN stays).
  public var scaleBits: UInt32?
  /// Bytes of a slot: the row and its checksum.
  public var slotStride: Int
  /// Whole slots in a page.
  public var rowsPerPage: Int
  /// Pages that are stored; the others are all zero.
  public var storedPages: Int
  /// 16 hexadecimal digits that every row's checksum begins with, derived from the name, the
  /// version and the shape: a page that strayed here from another table matches no checksum.
  public var salt: String
  /// How tokens become row ids; `nil` for tables that are addressed by row id alone.
  public var addressing: Addressing?
  /// How the N-grams of an exact table are found; `nil` for all other tables.
  public var exact: ExactTable?
  /// Where the rows came from.
  public var source: Source
  /// SHA-256 of the content: over the digests of each run of 4,096 page numbers, in order; see
  /// `RunDigest`.
  public var content: String
  /// SHA-256 over this manifest's other fields: the name of exactly this content.
  public var identity: String

  /// Where a table's rows came from.
  public struct Source: Codable, Equatable, Sendable {
    /// What was read: `deepseek-v4.1`, `qwen-ple`, `plain`, `rows`, `converted`.
    public var kind: String
    /// The tensors that the table was made from.
    public var tensors: [Tensor]
    /// Files that held nothing but memory tables: their headers are attached to the version, so
    /// that an export gives the same files back byte for byte.
    public var files: [File]
    /// The version that the rows were converted from; `nil` where they were not.
    public var from: Origin?

    /// A version of a table that another one was made from.
    public struct Origin: Codable, Equatable, Sendable {
      /// Its name.
      public var name: String
      /// Its version.
      public var version: Int
      /// How its numbers were stored.
      public var codec: RowCodec
      /// Its identity.
      public var identity: String

      /// What names this version.
      public init(_ manifest: TableManifest) {
        name = manifest.name
        version = manifest.version
        codec = manifest.codec
        identity = manifest.identity
      }
    }

    /// A tensor of the source.
    public struct Tensor: Codable, Equatable, Sendable {
      /// Its name in the checkpoint.
      public var name: String
      /// Its safetensors type.
      public var type: String
      /// Its shape.
      public var shape: [Int]
      /// The file it was in.
      public var file: String
      /// Where its bytes are now.
      public var place: Place

      /// Where a tensor's bytes are in the table.
      public enum Place: Codable, Equatable, Sendable {
        /// A part of each of `shape[0]` rows: `bytes` bytes from byte `offset` of a row on.
        case rows(first: Int, offset: Int, bytes: Int)
        /// A few bytes beside the rows, base64.
        case value(String)
      }

      /// A tensor's name, type, shape, file and place.
      public init(name: String, type: String, shape: [Int], file: String, place: Place) {
        self.name = name
        self.type = type
        self.shape = shape
        self.file = file
        self.place = place
      }
    }

    /// A file of the source.
    public struct File: Codable, Equatable, Sendable {
      /// Its name.
      public var name: String
      /// The attachment that holds its header.
      public var header: String

      /// A file whose header is attached under this name.
      public init(name: String, header: String) {
        self.name = name
        self.header = header
      }
    }

    /// A source of this kind.
    public init(
      kind: String, tensors: [Tensor] = [], files: [File] = [], from: Origin? = nil
    ) {
      self.kind = kind
      self.tensors = tensors
      self.files = files
      self.from = from
    }
  }

  /// Pages, stored or not.
  public var pages: Int { (rows + rowsPerPage - 1) / rowsPerPage }

  /// The table-wide scale as a number; 1 where the codec has none.
  public var scale: Float { scaleBits.map { Float(bitPattern: $0) } ?? 1 }

  /// The canonical JSON of this value.
  public func canonicalJSON() throws -> [UInt8] {
    try CanonicalJSON.encode(self)
  }

  /// What `identity` must be.
  func computedIdentity() throws -> String {
    var nameless = self
    nameless.identity = ""
    let json = try nameless.canonicalJSON()
    return json.withUnsafeBytes { SHA256Digest(of: $0) }.description
  }

  /// The number that every row's checksum begins with.
  var saltNumber: UInt64 { UInt64(salt, radix: 16) ?? 0 }

  /// The salt of a table of this name, version and shape.
  static func salt(
    name: String, version: Int, rows: Int, codec: RowCodec, dimension: Int
  )
    -> String
  {
    let text = "engram-table\n\(name)\n\(version)\n\(rows)\n\(codec.rawValue)\n\(dimension)\n"
    return String(SHA256Digest(of: text).description.prefix(16))
  }

  /// The manifest of a published version, without opening the table.
  ///
  /// - Throws: `TableError.corruptFile`, also where it is another version's; `.newerFormat`;
  ///   `FileError`.
  public static func published(_ table: PublishedTable, in store: Store) throws -> TableManifest {
    try published(table, folder: store.tableFolder(table.id))
  }

  /// The manifest in the folder of a published version.
  static func published(_ table: PublishedTable, folder: String) throws -> TableManifest {
    let path = folder + "/manifest.json"
    let manifest = try read(path)
    guard manifest.identity == table.identity else {
      throw TableError.corruptFile(path: path, reason: "the catalog names another identity")
    }
    return manifest
  }

  /// Reads and checks a manifest file.
  ///
  /// - Throws: `TableError.corruptFile` where it is not a manifest, its numbers contradict one
  ///   another or its identity is not that of its fields; `.newerFormat`; `FileError`.
  static func read(_ path: String) throws -> TableManifest {
    struct Format: Decodable { var format: Int }
    let bytes = Data(try DurableFile.read(path, limit: 64 << 20))
    let decoder = JSONDecoder()
    let manifest: TableManifest
    do {
      let format = try decoder.decode(Format.self, from: bytes).format
      guard format <= formatVersion else {
        throw TableError.newerFormat(path: path, found: format, supported: formatVersion)
      }
      manifest = try decoder.decode(TableManifest.self, from: bytes)
    } catch let error as TableError {
      throw error
    } catch {
      throw TableError.corruptFile(path: path, reason: "it is no table manifest")
    }
    if let reason = manifest.contradiction {
      throw TableError.corruptFile(path: path, reason: reason)
    }
    guard try manifest.computedIdentity() == manifest.identity else {
      throw TableError.corruptFile(path: path, reason: "its identity is not that of its fields")
    }
    return manifest
  }

  private var contradiction: String? {
    guard version > 0, rows > 0, rows < 1 << 48 else { return "rows or version out of range" }
    guard codec.rowBytes(dimension: dimension) == rowBytes, slotStride == rowBytes + 4 else {
      return "row bytes do not fit codec and dimension"
    }
    guard rowsPerPage == PageLayout.rowsPerPage(stride: slotStride) else {
      return "rows a page do not fit the slot size"
    }
    guard (0...pages).contains(storedPages) else { return "more stored pages than pages" }
    guard salt.count == 16, UInt64(salt, radix: 16) != nil else { return "bad salt" }
    if let addressing, Int(addressing.rowCount) != rows {
      return "addressing gives \(addressing.rowCount) rows, the table has \(rows)"
    }
    guard (exact != nil) == (format == 2) else { return "format \(format) does not fit its fields" }
    if let exact {
      guard addressing == nil else { return "an exact table has no addressing" }
      return exact.contradiction(rows: rows)
    }
    return nil
  }
}

/// How rows lie in pages.
package enum PageLayout {
  /// Bytes that a page may have, unless one slot is longer: 64 KiB less what RocksDB puts around
  /// a value in its block.
  static let pageBytes = 65_536 - 64
  /// Pages in a run of the content digest.
  static let pagesPerRun = 4096
  /// The most sorted table files that a table is cut into: opening maps each of them.
  static let mostFiles = 64

  /// Pages in a sorted table file: whole runs.
  static func pagesPerFile(pages: Int) -> Int {
    let runs = (pages + pagesPerRun - 1) / pagesPerRun
    return max(1, (runs + mostFiles - 1) / mostFiles) * pagesPerRun
  }

  package static func rowsPerPage(stride: Int) -> Int { max(1, pageBytes / stride) }

  /// A page's key: its number, 8 bytes, big-endian.
  static func key(page: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt64(page).bigEndian) { Array($0) }
  }
}
