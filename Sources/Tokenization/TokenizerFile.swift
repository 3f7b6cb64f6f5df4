import StrictJSON

/// What a tokenizer.json says, checked: every part is one that we do exactly, or is refused by
/// name.
///
/// Truncation, padding and the post-processor are not read: they shape a model's input, and here
/// texts become tokens whole, without added special tokens.
struct TokenizerFile {
  /// Larger files are refused; the largest in use have about 35 MB.
  static let sizeLimit = 256 << 20
  static let stepLimit = 32

  /// The GPT-2 pattern that a ByteLevel pre-tokenizer cuts with where `use_regex` is set.
  private static let byteLevelPattern =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

  /// Tokens of the model and, where they are not among them, added tokens.
  private(set) var vocabulary = Vocabulary()
  private(set) var encoder: BytePairEncoder
  private(set) var normalizers: [UnicodeText.Form] = []
  private(set) var preTokenizers: [PreTokenizer] = []
  private(set) var addedTokens: [AddedToken] = []
  /// Whether tokens are decoded as bytes; else they are joined with spaces, as they are.
  private(set) var decodesBytes = false

  /// - Parameter automaton: whether patterns may run on the fast engine.
  init(json: UnsafeRawBufferPointer, automaton: Bool) throws(TokenizationError) {
    guard json.count <= Self.sizeLimit else {
      throw .invalid(field: "size", reason: "\(json.count) bytes, at most \(Self.sizeLimit)")
    }
    let document: JSONDocument
    do { document = try JSONDocument(Array(json)) } catch {
      throw .malformed(offset: error.offset, reason: error.reason)
    }
    let root = try JSONFields(document.root, "root")
    encoder = try BytePairModel.read(root, into: &vocabulary)
    if let field = root.optional("normalizer") {
      try readNormalizer(JSONFields(field, "normalizer"), depth: 0)
    }
    guard let field = root.optional("pre_tokenizer") else {
      throw .unsupported(part: "pre-tokenizer", name: "null")
    }
    var isByteLevel = false
    try readPreTokenizer(
      JSONFields(field, "pre_tokenizer"), &isByteLevel, automaton: automaton, depth: 0)
    guard isByteLevel else {
      throw .unsupported(part: "pre-tokenizer", name: "anything without ByteLevel")
    }
    if let field = root.optional("decoder") {
      try readDecoder(JSONFields(field, "decoder"), depth: 0)
    }
    if root.optional("added_tokens") != nil {
      for element in try root.array("added_tokens") {
        try readAddedToken(JSONFields(element, "added_tokens"))
      }
    }
  }

  private mutating func readNormalizer(
    _ fields: JSONFields, depth: Int
  )
    throws(TokenizationError)
  {
    let type = try fields.text("type")
    if type == "Sequence", depth < 4 {
      for element in try fields.array("normalizers") {
        try readNormalizer(JSONFields(element, "normalizer"), depth: depth + 1)
      }
    } else if let form = UnicodeText.Form(rawValue: type), normalizers.count < Self.stepLimit {
      normalizers.append(form)
    } else {
      throw .unsupported(part: "normalizer", name: type)
    }
  }

  private mutating func readPreTokenizer(
    _ fields: JSONFields, _ isByteLevel: inout Bool, automaton: Bool, depth: Int
  ) throws(TokenizationError) {
    let type = try fields.text("type")
    // ByteLevel rewrites the text in its own alphabet: what follows would see that.
    guard !isByteLevel else {
      throw .unsupported(part: "pre-tokenizer", name: "\(type) after ByteLevel")
    }
    guard preTokenizers.count < Self.stepLimit else {
      throw .unsupported(part: "pre-tokenizer", name: "more than \(Self.stepLimit) steps")
    }
    func split(
      _ pattern: String, _ behavior: SplitBehavior, inverted: Bool = false
    )
      throws(TokenizationError) -> PreTokenizer
    {
      .split(try PatternMatcher(pattern, automaton: automaton), behavior, inverted: inverted)
    }
    switch type {
    case "Sequence" where depth < 4:
      for element in try fields.array("pretokenizers") {
        try readPreTokenizer(
          JSONFields(element, "pre_tokenizer"), &isByteLevel, automaton: automaton,
          depth: depth + 1)
      }
    case "Split":
      let name = try fields.text("behavior")
      guard let behavior = SplitBehavior(rawValue: name) else {
        throw .unsupported(part: "split behavior", name: name)
      }
      let pattern = try JSONFields(fields.required("pattern"), "pattern")
      let source: String
      if pattern.optional("Regex") != nil {
        source = try pattern.text("Regex")
      } else {
        source = PatternMatcher.escaped(try pattern.text("String"))
      }
      preTokenizers.append(
        try split(source, behavior, inverted: fields.bool("invert", default: false)))
    case "Digits":
      let areSingle = try fields.bool("individual_digits", default: false)
      preTokenizers.append(try split("\\p{N}", areSingle ? .isolated : .contiguous))
    case "ByteLevel":
      isByteLevel = true
      if try fields.bool("add_prefix_space", default: true) {
        preTokenizers.append(.prefixSpace)
      }
      if try fields.bool("use_regex", default: true) {
        preTokenizers.append(try split(Self.byteLevelPattern, .isolated))
      }
    default:
      throw .unsupported(part: "pre-tokenizer", name: type)
    }
  }

  private mutating func readDecoder(_ fields: JSONFields, depth: Int) throws(TokenizationError) {
    let type = try fields.text("type")
    switch type {
    case "ByteLevel" where !decodesBytes:
      decodesBytes = true
    case "Sequence" where depth < 4:
      for element in try fields.array("decoders") {
        try readDecoder(JSONFields(element, "decoder"), depth: depth + 1)
      }
      guard decodesBytes else { throw .unsupported(part: "decoder", name: "empty Sequence") }
    default:
      throw .unsupported(part: "decoder", name: type)
    }
  }

  private mutating func readAddedToken(_ fields: JSONFields) throws(TokenizationError) {
    let content = try fields.bytes("content")
    let id = try fields.integer("id")
    if let known = vocabulary.id(of: content) {
      guard Int(known) == id else {
        throw .invalid(
          field: "added_tokens",
          reason: "\"\(TokenizationError.oneLine(String(decoding: content, as: UTF8.self)))\" "
            + "has id \(id), and \(known) in the vocabulary")
      }
    } else {
      try vocabulary.insert(content, id: id, field: "added_tokens")
    }
    addedTokens.append(
      AddedToken(
        id: Int32(id), content: Array(content),
        isSingleWord: try fields.bool("single_word", default: false),
        stripsLeft: try fields.bool("lstrip", default: false),
        stripsRight: try fields.bool("rstrip", default: false),
        isNormalized: try fields.bool("normalized", default: false),
        isSpecial: try fields.bool("special", default: false)))
  }
}
