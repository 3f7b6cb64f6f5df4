import StrictJSON

/// What the tokenizer.json of a subword tokenizer says, checked: every part is one that we do
/// exactly, or is refused by name.
///
/// Truncation, padding, decoder and post-processor are not read: texts become tokens whole, without
/// added special tokens.
struct SubwordTokenizerFile {
  private(set) var normalizers: [SubwordNormalizer] = []
  private(set) var preTokenizers: [SubwordPreTokenizer] = []
  private(set) var addedTokens: [AddedToken] = []
  let model: SubwordModel

  init(json: UnsafeRawBufferPointer) throws(TokenizationError) {
    guard json.count <= TokenizerFile.sizeLimit else {
      throw .invalid(
        field: "size", reason: "\(json.count) bytes, at most \(TokenizerFile.sizeLimit)")
    }
    let document: JSONDocument
    do { document = try JSONDocument(Array(json)) } catch {
      throw .malformed(offset: error.offset, reason: error.reason)
    }
    let root = try JSONFields(document.root, "root")
    model = try SubwordModelFile.read(JSONFields(root.required("model"), "model"))
    if let field = root.optional("normalizer") {
      try readNormalizer(JSONFields(field, "normalizer"), depth: 0)
    }
    if let field = root.optional("pre_tokenizer") {
      try readPreTokenizer(JSONFields(field, "pre_tokenizer"), depth: 0)
    }
    if root.optional("added_tokens") != nil {
      for element in try root.array("added_tokens") {
        try readAddedToken(JSONFields(element, "added_tokens"))
      }
    }
  }

  private mutating func readNormalizer(
    _ fields: JSONFields, depth: Int
  ) throws(TokenizationError) {
    let type = try fields.text("type")
    if type == "Sequence", depth < 4 {
      for element in try fields.array("normalizers") {
        try readNormalizer(JSONFields(element, "normalizer"), depth: depth + 1)
      }
      return
    }
    guard normalizers.count < TokenizerFile.stepLimit else {
      throw .unsupported(
        part: "normalizer", name: "more than \(TokenizerFile.stepLimit) steps")
    }
    normalizers.append(try normalizer(type, fields))
  }

  private func normalizer(
    _ type: String, _ fields: JSONFields
  ) throws(TokenizationError) -> SubwordNormalizer {
    if let form = UnicodeText.Form(rawValue: type) { return .form(form) }
    switch type {
    case "Lowercase": return .lowercase
    case "StripAccents": return .withoutMarks
    case "Strip":
      return .strip(
        left: try fields.bool("strip_left", default: true),
        right: try fields.bool("strip_right", default: true))
    case "Prepend": return .prepend(Array(try fields.bytes("prepend")))
    case "Precompiled":
      return .characterMap(try CharacterMap(base64: fields.bytes("precompiled_charsmap")))
    case "Replace":
      return .replace(try pattern(of: fields), with: Array(try fields.bytes("content")))
    case "BertNormalizer":
      let lowercases = try fields.bool("lowercase", default: true)
      return .bert(
        BertNormalizer(
          cleansText: try fields.bool("clean_text", default: true),
          spacesChinese: try fields.bool("handle_chinese_chars", default: true),
          stripsAccents: try fields.bool("strip_accents", default: lowercases),
          lowercases: lowercases))
    default: throw .unsupported(part: "normalizer", name: type)
    }
  }

  private mutating func readPreTokenizer(
    _ fields: JSONFields, depth: Int
  ) throws(TokenizationError) {
    let type = try fields.text("type")
    if type == "Sequence", depth < 4 {
      for element in try fields.array("pretokenizers") {
        try readPreTokenizer(JSONFields(element, "pre_tokenizer"), depth: depth + 1)
      }
      return
    }
    guard preTokenizers.count < TokenizerFile.stepLimit else {
      throw .unsupported(
        part: "pre-tokenizer", name: "more than \(TokenizerFile.stepLimit) steps")
    }
    switch type {
    case "WhitespaceSplit": preTokenizers.append(.whitespace)
    case "Whitespace": preTokenizers.append(.words)
    case "BertPreTokenizer": preTokenizers += [.whitespace, .punctuation]
    case "Punctuation":
      let behavior = try fields.optional("behavior").map { _ throws(TokenizationError) in
        try fields.text("behavior")
      }
      guard behavior ?? "Isolated" == "Isolated" else {
        throw .unsupported(part: "split behavior", name: behavior ?? "")
      }
      preTokenizers.append(.punctuation)
    case "Digits":
      let areSingle = try fields.bool("individual_digits", default: false)
      preTokenizers.append(
        .split(
          try PatternMatcher("\\p{N}"), areSingle ? .isolated : .contiguous, inverted: false))
    case "Split":
      let name = try fields.text("behavior")
      guard let behavior = SplitBehavior(rawValue: name) else {
        throw .unsupported(part: "split behavior", name: name)
      }
      preTokenizers.append(
        .split(
          try pattern(of: fields), behavior,
          inverted: try fields.bool("invert", default: false)))
    case "Metaspace": preTokenizers.append(try metaspace(fields))
    default: throw .unsupported(part: "pre-tokenizer", name: type)
    }
  }

  private func metaspace(
    _ fields: JSONFields
  ) throws(TokenizationError) -> SubwordPreTokenizer {
    let replacement = Array(try fields.bytes("replacement"))
    guard String(decoding: replacement, as: UTF8.self).unicodeScalars.count == 1 else {
      throw .invalid(field: "pre_tokenizer.replacement", reason: "it must be one character")
    }
    var prepending = SubwordPreTokenizer.Prepending.always
    if fields.optional("prepend_scheme") != nil {
      let name = try fields.text("prepend_scheme")
      guard let scheme = SubwordPreTokenizer.Prepending(rawValue: name) else {
        throw .unsupported(part: "prepend scheme", name: name)
      }
      prepending = scheme
    } else if try !fields.bool("add_prefix_space", default: true) {
      prepending = .never
    }
    return .metaspace(
      replacement: replacement, prepending, splits: try fields.bool("split", default: true))
  }

  private func pattern(of fields: JSONFields) throws(TokenizationError) -> PatternMatcher {
    let pattern = try JSONFields(fields.required("pattern"), "pattern")
    let source: String
    if pattern.optional("Regex") != nil {
      source = try pattern.text("Regex")
    } else {
      source = PatternMatcher.escaped(try pattern.text("String"))
    }
    return try PatternMatcher(source)
  }

  private mutating func readAddedToken(_ fields: JSONFields) throws(TokenizationError) {
    let content = try fields.bytes("content")
    let id = try fields.integer("id")
    guard (0..<Vocabulary.idLimit).contains(id) else {
      throw .invalid(field: "added_tokens", reason: "id \(id) is not in 0..<\(Vocabulary.idLimit)")
    }
    if let known = model.texts.id(of: content), Int(known) != id {
      throw .invalid(
        field: "added_tokens",
        reason: "\"\(TokenizationError.oneLine(String(decoding: content, as: UTF8.self)))\" "
          + "has id \(id), and \(known) in the vocabulary")
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
