import Digests
import Files
import Synchronization

/// A tokenizer of subwords, Unigram or WordPiece, read from a Hugging Face `tokenizer.json`: it
/// gives the tokens that Hugging Face `tokenizers` gives without adding special tokens.
///
///     let tokenizer = try SubwordTokenizer(path: "tokenizer.json")
///     let ids = try tokenizer.encode("Hello, world!")
///
/// Embedding models use these; language models' byte-level BPE is `Tokenizer`'s. Immutable, and
/// safe to use from any number of threads at once.
public final class SubwordTokenizer: Sendable {
  /// SHA-256 of the file's bytes.
  public let identity: SHA256Digest
  /// One more than the highest token id; ids below it may be free.
  public let vocabularySize: Int
  /// WordPiece's token for words that it cannot write; `nil` for Unigram, whose unknown token is
  /// one like the others.
  public let unknownWord: Int32?

  let tables: SubwordTables
  private let sessions = Mutex<[Pooled]>([])

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
  public init(json: UnsafeRawBufferPointer) throws(TokenizationError) {
    let scratch = PerlMatcher.Scratch()
    let file = try SubwordTokenizerFile(json: json)
    identity = SHA256Digest(of: json)
    let raw = file.addedTokens.filter { !$0.isNormalized }
    let normalized = file.addedTokens.filter(\.isNormalized)
    var normalizedTexts: [[UInt8]] = []
    for token in normalized {
      normalizedTexts.append(
        try SubwordNormalizer.normalized(token.content, file.normalizers, scratch))
    }
    tables = SubwordTables(
      rawTokens: AddedTokenMatcher(raw, texts: raw.map(\.content)),
      normalizers: file.normalizers,
      normalizedTokens: AddedTokenMatcher(normalized, texts: normalizedTexts),
      preTokenizers: file.preTokenizers, model: file.model)
    vocabularySize = max(
      file.model.texts.count, file.addedTokens.reduce(0) { max($0, Int($1.id) + 1) })
    if case .wordPiece(let model) = file.model {
      unknownWord = model.unknown
    } else {
      unknownWord = nil
    }
  }

  /// The tokens of a text.
  ///
  /// - Throws: `TokenizationError` where the text is too long or a pattern gives up on it.
  /// - Complexity: linear in the text; memory beside the result 20 bytes a byte of the text.
  public func encode(_ text: String) throws(TokenizationError) -> [Int32] {
    var text = text
    var ids: [Int32] = []
    let failure: TokenizationError? = text.withUTF8 { utf8 in
      do throws(TokenizationError) {
        try encodeChecked(utf8, into: &ids)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
    return ids
  }

  /// The tokens of a text in UTF-8. Bytes that are not UTF-8 are refused, never replaced.
  ///
  /// - Throws: `TokenizationError.invalidUTF8`, and as the form for `String`.
  public func encode(
    utf8 text: UnsafeBufferPointer<UInt8>
  ) throws(TokenizationError) -> [Int32] {
    var ids: [Int32] = []
    if let offset = UTF8Text.firstError(in: text) { throw .invalidUTF8(offset: offset) }
    try encodeChecked(text, into: &ids)
    return ids
  }

  /// The raw text of a token of the model, as the vocabulary writes it.
  public func token(for id: Int32) -> String? {
    guard id >= 0, id < Int32(tables.model.texts.count) else { return nil }
    return String(decoding: tables.model.texts.text(Int(id)), as: UTF8.self)
  }

  private func encodeChecked(
    _ text: UnsafeBufferPointer<UInt8>, into ids: inout [Int32]
  ) throws(TokenizationError) {
    guard text.count <= Tokenizer.textLimit else {
      throw .textTooLong(count: text.count, limit: Tokenizer.textLimit)
    }
    let pooled = sessions.withLock { $0.popLast() } ?? Pooled(session: SubwordSession(tables))
    defer { sessions.withLock { $0.append(pooled) } }
    ids.append(contentsOf: try pooled.session.encode(text))
  }

  // The pool hands a session to one thread at a time, under its lock.
  private struct Pooled: @unchecked Sendable {
    let session: SubwordSession
  }
}

/// What encoding reads.
struct SubwordTables: Sendable {
  let rawTokens: AddedTokenMatcher
  let normalizers: [SubwordNormalizer]
  let normalizedTokens: AddedTokenMatcher
  let preTokenizers: [SubwordPreTokenizer]
  let model: SubwordModel
}
