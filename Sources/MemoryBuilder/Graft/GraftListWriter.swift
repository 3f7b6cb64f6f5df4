import Addressing
import Files
import Foundation
import Storage
import Tokenization

/// Writes a list of N-grams for people and for `Tools/graft`: JSON lines, a header first.
public struct GraftListWriter {
  private struct Head: Encodable {
    var format = "engram-ngrams"
    var version = GraftListHeader.formatVersion
    var tokens: String
    var vocabulary: Int
    var compressed: Int?
    var map: String?
    var tokenizer: String?
    var ngrams: Int
  }

  private struct Line: Encodable {
    var tokens: [Int32]
    var raw: [Int32]?
    var text: String
    var count: UInt64
  }

  private let header: GraftListHeader
  private let tokenizer: Tokenizer
  /// The raw id that each compressed one is shown as, and that a model reads.
  private let rawIDs: [Int32]?

  /// A writer of N-grams whose ids are those of `header`.
  ///
  /// - Parameter map: the token map, where the ids went through one.
  /// - Throws: `AddressingError.tokenMapRequired`, `.tokenMapMismatch`.
  public init(header: GraftListHeader, tokenizer: Tokenizer, map: TokenMap?) throws {
    self.header = header
    self.tokenizer = tokenizer
    guard case .mapped(_, let compressed, let digest) = header.tokens else {
      rawIDs = nil
      return
    }
    guard let map else { throw AddressingError.tokenMapRequired(preset: "the list") }
    guard map.identity == digest else {
      throw AddressingError.tokenMapMismatch(
        property: "SHA-256", expected: "\(digest)", found: "\(map.identity)")
    }
    rawIDs = Self.shown(map, compressed: compressed, tokenizer: tokenizer)
  }

  /// For each compressed id the raw one that a corpus most likely has: the lowest, since ids of
  /// merged pairs are given by rank. Single bytes come before all of these in the order of their
  /// codes, A before a: where it is a letter, a merged form goes first.
  private static func shown(_ map: TokenMap, compressed: Int, tokenizer: Tokenizer) -> [Int32] {
    func isLetter(_ id: Int32) -> Bool {
      let bytes = tokenizer.bytes(of: CollectionOfOne(id))
      return bytes.count == 1 && (97...122).contains(bytes[0] | 0x20)
    }
    var shown = [Int32](repeating: -1, count: compressed)
    var isMerged = [Bool](repeating: false, count: compressed)
    map.withUnsafeCompressedIDs { ids in
      for (raw, id) in ids.enumerated() where !isMerged[Int(id)] {
        let raw = Int32(raw)
        isMerged[Int(id)] = !isLetter(raw)
        if shown[Int(id)] < 0 || isMerged[Int(id)] { shown[Int(id)] = raw }
      }
    }
    return shown
  }

  /// Writes the list durably: it is there whole, or as it was before.
  ///
  /// - Parameter ngrams: as many as the header says, each within its vocabulary.
  /// - Throws: `FileError`.
  public func write(_ ngrams: [(tokens: [Int32], count: UInt64)], to path: String) throws {
    precondition(ngrams.count == header.ngrams)
    let temporary = path + ".tmp-\(getpid())"
    do {
      let writer = try FileWriter(creating: temporary)
      var waiting = try Self.line(head)
      for ngram in ngrams {
        let raw = rawIDs.map { ids in ngram.tokens.map { ids[Int($0)] } }
        waiting += try Self.line(
          Line(
            tokens: ngram.tokens, raw: raw, text: tokenizer.decode(raw ?? ngram.tokens),
            count: ngram.count))
        guard waiting.count >= 1 << 16 else { continue }
        try waiting.withUnsafeBytes { try writer.append($0) }
        waiting.removeAll(keepingCapacity: true)
      }
      try waiting.withUnsafeBytes { try writer.append($0) }
      try writer.finish()
      try DurableFile.rename(temporary, to: path)
    } catch {
      try? DurableFile.remove(temporary)
      throw error
    }
  }

  private var head: Head {
    var head = Head(
      tokens: "raw", vocabulary: header.vocabulary, tokenizer: header.tokenizer?.description,
      ngrams: header.ngrams)
    if case .mapped(_, let compressed, let map) = header.tokens {
      (head.tokens, head.compressed, head.map) = ("mapped", compressed, map.description)
    }
    return head
  }

  private static func line(_ value: some Encodable) throws -> [UInt8] {
    try CanonicalJSON.encode(value) + [UInt8(ascii: "\n")]
  }
}
