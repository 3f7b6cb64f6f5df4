import Addressing
import Files
import Storage

extension Table {
  /// The attachment that holds the model's token map: int32, little-endian, one a token id.
  public static let tokenMapFile = "token-map.i32"

  /// The token map that was published with the table; nil where there is none.
  ///
  /// - Throws: `TableError.corruptFile` where the file is not the one that was published; `FileError`.
  public func tokenMap() throws -> TokenMap? {
    let path = folder + "/" + Self.tokenMapFile
    guard DurableFile.size(of: path) != nil else {
      guard publishedTokenMap != nil,
        let list = try? FileChecksums.read(folder + "/checksums", digest: published.checksums),
        list.files.contains(where: { $0.name == Self.tokenMapFile })
      else { return nil }
      throw TableError.corruptFile(path: path, reason: "it is missing")
    }
    let map: TokenMap
    do throws(TokenMapError) {
      map = try TokenMap(readingFrom: path)
    } catch {
      if case .file(let error) = error { throw error }
      throw TableError.corruptFile(path: path, reason: "it is no token map")
    }
    // Told here, where it is known that the map is the table's own: elsewhere it is another model's.
    if let published = publishedTokenMap, published != map.identity.description {
      throw TableError.corruptFile(path: path, reason: "it is not what was published")
    }
    return map
  }

  /// The identity of the token map that the table was made with; `nil` where that is not known.
  private var publishedTokenMap: String? {
    if let exact = manifest.exact { return exact.tokenMap }
    guard case .mapped(_, _, let identity)? = manifest.addressing?.tokens else { return nil }
    return identity?.description
  }

  /// The hasher that turns tokens into row ids of this table.
  ///
  ///     let rows = try table.hasher().rows(for: tokens)  // [tokens, columns]
  ///     table.prefetch(rows)
  ///
  /// - Parameter tokenMap: the model's token map; the table's own where nil.
  /// - Throws: `TableError.notAddressed` for tables that are read by row id alone, `.notHashed`
  ///   for exact ones;
  ///   `AddressingError` where a token map is needed and missing, or is another model's.
  public func hasher(tokenMap: TokenMap? = nil) throws -> NgramHasher {
    guard manifest.exact == nil else { throw TableError.notHashed(table: manifest.name) }
    guard let addressing = manifest.addressing else {
      throw TableError.notAddressed(table: manifest.name)
    }
    if case .raw = addressing.tokens { return try NgramHasher(addressing) }
    let own = tokenMap == nil ? try self.tokenMap() : nil
    return try NgramHasher(addressing, tokenMap: tokenMap ?? own)
  }
}
