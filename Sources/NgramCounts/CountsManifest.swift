import CKernels
import Digests
import Files
import Foundation
import Storage

/// Everything that says what a version of published counts is; `manifest.json` in its folder, as
/// canonical JSON. JSON Schema: `Schemas/counts-manifest.schema.json`.
public struct CountsManifest: Codable, Hashable, Sendable {
  /// The format that this program writes, and the newest it reads.
  public static let formatVersion = 1

  /// The format of the manifest and of the files beside it.
  public var format: Int
  /// The counts' name.
  public var name: String
  /// 1, 2, 3...; a number is never used twice for one name.
  public var version: Int
  /// What was counted, and how.
  public var subject: CountSubject
  /// What each order adds up to, lowest first.
  public var orders: [OrderTotals]
  /// 16 hexadecimal digits that every page's checksum begins with, from name and version.
  public var salt: String
  /// SHA-256 over the orders' contents: equal counts have equal ones, whatever their names.
  public var content: String
  /// SHA-256 over this manifest's other fields.
  public var identity: String

  /// `name@version`.
  public var title: String { "\(name)@\(version)" }

  /// What an order adds up to.
  public func totals(order: Int) -> OrderTotals? { orders.first { $0.order == order } }

  func canonicalJSON() throws -> [UInt8] { try CanonicalJSON.encode(self) }

  func computedIdentity() throws -> String {
    var nameless = self
    nameless.identity = ""
    return try nameless.canonicalJSON().withUnsafeBytes { SHA256Digest(of: $0) }.description
  }

  static func salt(name: String, version: Int) -> String {
    String(SHA256Digest(of: "engram-counts\n\(name)\n\(version)\n").description.prefix(16))
  }

  /// CRC32C of the salt: where each page's checksum starts.
  var saltChecksum: UInt32 {
    let number = UInt64(salt, radix: 16) ?? 0
    return withUnsafeBytes(of: number.littleEndian) { engram_crc32c(0, $0.baseAddress, 8) }
  }

  /// The manifest of a published version, without opening it.
  ///
  /// - Throws: `CountError.corruptFile`, `.newerFormat`; `FileError`.
  public static func published(
    _ counts: PublishedCounts, in store: Store
  ) throws -> CountsManifest {
    let path = store.tableFolder(counts.id) + "/manifest.json"
    let manifest = try read(path)
    guard manifest.identity == counts.identity else {
      throw CountError.corruptFile(path: path, reason: "the catalog names another identity")
    }
    return manifest
  }

  static func read(_ path: String) throws -> CountsManifest {
    struct Format: Decodable { var format: Int }
    let bytes = Data(try DurableFile.read(path, limit: 64 << 20))
    func corrupt(_ reason: String) -> CountError { .corruptFile(path: path, reason: reason) }
    guard let format = try? JSONDecoder().decode(Format.self, from: bytes).format else {
      throw corrupt("it is no manifest of counts")
    }
    guard format <= formatVersion else {
      throw CountError.newerFormat(path: path, found: format, supported: formatVersion)
    }
    guard let manifest = try? JSONDecoder().decode(CountsManifest.self, from: bytes) else {
      throw corrupt("it is no manifest of counts")
    }
    if let reason = manifest.subject.contradiction { throw corrupt(reason) }
    guard manifest.orders.map(\.order) == Array(manifest.subject.orders.range),
      manifest.content == OrderTotals.content(of: manifest.orders), manifest.version > 0,
      manifest.orders.allSatisfy({
        $0.singletons <= $0.distinct && $0.distinct <= $0.total && $0.distinct < 1 << 48
      }),
      manifest.salt == salt(name: manifest.name, version: manifest.version)
    else { throw corrupt("its numbers contradict one another") }
    guard try manifest.computedIdentity() == manifest.identity else {
      throw corrupt("its identity is not that of its fields")
    }
    return manifest
  }
}
