import Addressing
import Files

extension Table {
  /// The attachment that holds the model's token map: int32, little-endian, one a token id.
  public static let tokenMapFile = "token-map.i32"

  /// The token map that was published with the table; nil where there is none.
  ///
  /// - Throws: `TokenMapError` where the file is damaged.
  public func tokenMap() throws -> TokenMap? {
    let path = folder + "/" + Self.tokenMapFile
    return DurableFile.size(of: path) == nil ? nil : try TokenMap(readingFrom: path)
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
