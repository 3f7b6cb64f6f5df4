import Digests
import Files
import MemoryTables
import StrictJSON

/// A list of N-grams, read whole and checked: the order in which vectors are computed for them.
public struct GraftList: Sendable {
  /// The file's path.
  public let path: String
  /// What its ids mean.
  public let header: GraftListHeader
  /// The N-grams as keys, in the list's order; none is there twice.
  public let ngrams: NgramList
  /// SHA-256 of the file's bytes: what vectors are tied to.
  public let digest: SHA256Digest
  /// The order of keys: which N-gram of the list is first, second...
  public let keyOrder: [Int]

  /// Reads a list, which is untrusted.
  ///
  /// - Throws: `GraftError` with the line; `FileError`.
  /// - Complexity: O(n log n); memory for tokens and places, not for texts.
  public init(readingFrom path: String) throws {
    let file = try MappedFile(path: path, access: .sequential)
    defer { withExtendedLifetime(file) {} }
    self.path = path
    digest = SHA256Digest(of: file.bytes)
    var header: GraftListHeader?
    var ngrams = NgramList()
    var number = 0
    var start = 0
    while start < file.count {
      let rest = UnsafeRawBufferPointer(rebasing: file.bytes[start...])
      let count = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.count
      let line = UnsafeRawBufferPointer(rebasing: rest[..<count])
      start += count + 1
      number += 1
      guard let header else {
        header = try GraftListHeader(line, path: path)
        continue
      }
      ngrams.append(try Self.ngram(line, header: header, path: path, number: number))
      guard ngrams.count <= header.ngrams else { break }
    }
    guard let header else { throw GraftError.noList(path: path, reason: "it is empty") }
    guard ngrams.count == header.ngrams else {
      throw GraftError.wrongLineCount(path: path, found: ngrams.count, expected: header.ngrams)
    }
    self.header = header
    self.ngrams = ngrams
    keyOrder = ngrams.keyOrder()
    for (left, right) in zip(keyOrder, keyOrder.dropFirst()) where ngrams[left] == ngrams[right] {
      throw GraftError.duplicate(
        path: path, first: min(left, right) + 2, second: max(left, right) + 2)
    }
  }

  /// What a table's draft takes.
  var index: ExactIndex {
    ExactIndex(
      ngrams: ngrams.selecting(keyOrder), tokens: header.tokens, tokenizer: header.tokenizer)
  }

  private static func ngram(
    _ line: UnsafeRawBufferPointer, header: GraftListHeader, path: String, number: Int
  ) throws(GraftError) -> [Int32] {
    func wrong(_ reason: String) -> GraftError {
      .badLine(path: path, line: number, reason: reason)
    }
    let object: JSONObject
    do { object = try JSONObject(line) } catch { throw wrong("\(error)") }
    guard let elements = object["tokens"]?.elements else { throw wrong("it has no tokens") }
    guard (1...ExactTable.longestOrder).contains(elements.count) else {
      throw wrong("\(elements.count) tokens, 1 to \(ExactTable.longestOrder) can be")
    }
    var tokens: [Int32] = []
    for element in elements {
      guard let token = element.integer, (0..<header.keyVocabulary).contains(token) else {
        let found = element.integer.map(String.init) ?? "something else"
        throw wrong(
          "\(found) where an id of 0 to \(header.keyVocabulary - 1) is expected")
      }
      tokens.append(Int32(token))
    }
    return tokens
  }
}
