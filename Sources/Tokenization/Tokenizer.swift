import Digests
import Files
import Synchronization

/// A byte-level BPE tokenizer, read from a Hugging Face `tokenizer.json`, that gives the tokens
/// that Hugging Face `tokenizers` gives without adding special tokens. Special and other added
/// tokens that stand in the text are recognised.
///
///     let tokenizer = try Tokenizer(path: "tokenizer.json")
///     let ids = try tokenizer.encode("Hello, world!")
///     print(tokenizer.decode(ids))
///
/// Immutable, and safe to use from any number of threads at once.
public final class Tokenizer: Sendable {
  /// Longer texts are refused.
  public static let textLimit = Int(Int32.max) - 1

  /// SHA-256 of the file's bytes.
  public let identity: SHA256Digest

  let tables: Tables
  private let vocabulary: Vocabulary
  private let isSpecial: [Bool]
  private let decodesBytes: Bool
  private let sessions = Mutex<[Pooled]>([])

  /// What encoding reads.
  struct Tables: Sendable {
    let rawTokens: AddedTokenMatcher
    let normalizers: [UnicodeText.Form]
    let normalizedTokens: AddedTokenMatcher
    let preTokenizers: [PreTokenizer]
    let encoder: BytePairEncoder
  }

  /// Reads a `tokenizer.json`.
  ///
  /// - Throws: `TokenizationError` where the file cannot be read, is malformed, or asks for
  ///   something that is not supported; the message names it.
  public convenience init(path: String) throws(TokenizationError) {
    let file: MappedFile
    do { file = try MappedFile(path: path, access: .sequential) } catch { throw .file(error) }
    defer { withExtendedLifetime(file) {} }
    try self.init(json: file.bytes)
  }

  /// Reads the bytes of a `tokenizer.json`.
  public convenience init(json: UnsafeRawBufferPointer) throws(TokenizationError) {
    try self.init(json: json, automaton: true)
  }

  /// - Parameter automaton: `false` runs all patterns on PCRE2, the reference.
  init(json: UnsafeRawBufferPointer, automaton: Bool) throws(TokenizationError) {
    let file = try TokenizerFile(json: json, automaton: automaton)
    identity = SHA256Digest(of: json)
    let raw = file.addedTokens.filter { !$0.isNormalized }
    let normalized = file.addedTokens.filter(\.isNormalized)
    tables = Tables(
      rawTokens: AddedTokenMatcher(raw, texts: raw.map(\.content)),
      normalizers: file.normalizers,
      normalizedTokens: AddedTokenMatcher(
        normalized,
        texts: normalized.map { token in
          file.normalizers.reduce(token.content) { UnicodeText.normalized($0, $1) }
        }),
      preTokenizers: file.preTokenizers,
      encoder: file.encoder)
    vocabulary = file.vocabulary
    decodesBytes = file.decodesBytes
    var isSpecial = [Bool](repeating: false, count: file.vocabulary.size)
    for token in file.addedTokens where token.isSpecial { isSpecial[Int(token.id)] = true }
    self.isSpecial = isSpecial
  }

  /// One more than the highest token id; ids below it may be free.
  public var vocabularySize: Int { vocabulary.size }

  /// The raw text of a token, as the vocabulary writes it; `nil` for an id that names none.
  public func token(for id: Int32) -> String? {
    guard vocabulary.contains(id) else { return nil }
    return vocabulary.withText(of: id) { String(decoding: $0, as: UTF8.self) }
  }

  /// The id of a token by its raw text.
  public func id(for token: String) -> Int32? {
    var token = token
    return token.withUTF8 { vocabulary.id(of: $0) }
  }

  /// The text of some tokens. Bytes that are not UTF-8 become U+FFFD; ids that name no token are
  /// left out.
  ///
  /// - Parameter skippingSpecialTokens: leaves special tokens out.
  public func decode(
    _ ids: some Sequence<Int32>, skippingSpecialTokens: Bool = false
  ) -> String {
    String(decoding: bytes(of: ids, skippingSpecialTokens: skippingSpecialTokens), as: UTF8.self)
  }

  /// The text of one token.
  public func decode(_ id: Int32) -> String { decode(CollectionOfOne(id)) }

  /// The bytes that some tokens stand for, which may end in the middle of a character.
  public func bytes(
    of ids: some Sequence<Int32>, skippingSpecialTokens: Bool = false
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    var isFirst = true
    for id in ids where vocabulary.contains(id) {
      if skippingSpecialTokens && isSpecial[Int(id)] { continue }
      if !decodesBytes && !isFirst { bytes.append(UInt8(ascii: " ")) }
      isFirst = false
      vocabulary.withText(of: id) { text in
        if decodesBytes {
          ByteAlphabet.appendBytes(of: text, to: &bytes)
        } else {
          bytes.append(contentsOf: text)
        }
      }
    }
    return bytes
  }

  /// Runs `body` with a session that no other thread has, and keeps it for the next call.
  func withSession<R>(
    _ body: (EncodingSession) throws(TokenizationError) -> R
  ) throws(TokenizationError) -> R {
    let pooled = sessions.withLock { $0.popLast() } ?? Pooled(session: EncodingSession(tables))
    defer { sessions.withLock { $0.append(pooled) } }
    return try body(pooled.session)
  }

  // The pool hands a session to one thread at a time, under its lock.
  private struct Pooled: @unchecked Sendable {
    let session: EncodingSession
  }
}
