import StrictJSON

extension ContextNamespace {
  /// Reads a description: `{"model":...,"revision":...,"tokenizer":...,"salt":...,"block_tokens":64,
  /// "groups":[{"name":...,"layers":...,"row_bytes":...,"dtype":...,"tokens_per_row":1}]}`. Only
  /// `model` and `groups` have to be there. Members of other names are refused but `id`, which
  /// must be right, and those in `ignoring`.
  ///
  /// - Throws: `ContextError.badNamespace`.
  public init(
    json bytes: some Collection<UInt8>, ignoring: Set<String> = []
  ) throws(ContextError) {
    let document: JSONDocument
    do { document = try JSONDocument(Array(bytes)) } catch {
      throw .badNamespace("no JSON: \(error)")
    }
    let members = try Self.members(document.root, "the description")
    var fields: [String: String] = [:]
    var blockTokens = 64
    var groups: [ContextGroup]?
    for (name, value) in members {
      switch name {
      case "model", "revision", "tokenizer", "salt", "id":
        guard let text = value.text else { throw .badNamespace("\(name) is no string") }
        fields[name] = text
      case "block_tokens": blockTokens = try Self.integer(value, name)
      case "groups":
        guard let elements = value.elements else { throw .badNamespace("groups is no list") }
        guard elements.count <= 32 else { throw .badNamespace("more than 32 groups") }
        var read: [ContextGroup] = []
        for element in elements { read.append(try Self.group(element)) }
        groups = read
      default:
        guard ignoring.contains(name) else { throw .badNamespace("unknown member \(name)") }
      }
    }
    guard let model = fields["model"] else { throw .badNamespace("model is missing") }
    guard let groups else { throw .badNamespace("groups is missing") }
    try self.init(
      model: model, revision: fields["revision"] ?? "", tokenizer: fields["tokenizer"] ?? "",
      salt: fields["salt"] ?? "", layout: ContextLayout(blockTokens: blockTokens, groups: groups))
    guard fields["id"] == nil || fields["id"] == id else {
      throw .badNamespace("its id is \(id), not \(fields["id"] ?? "")")
    }
  }

  private static func group(_ value: JSONValue) throws(ContextError) -> ContextGroup {
    var numbers: [String: Int] = [:]
    var texts: [String: String] = [:]
    for (name, value) in try members(value, "a group") {
      switch name {
      case "name", "dtype":
        guard let text = value.text else { throw .badNamespace("\(name) of a group is no string") }
        texts[name] = text
      case "layers", "row_bytes", "tokens_per_row": numbers[name] = try integer(value, name)
      default: throw .badNamespace("unknown member \(name) of a group")
      }
    }
    guard let name = texts["name"], let layers = numbers["layers"],
      let rowBytes = numbers["row_bytes"]
    else { throw .badNamespace("a group needs name, layers and row_bytes") }
    return ContextGroup(
      name: name, layers: layers, rowBytes: rowBytes, dtype: texts["dtype"] ?? "",
      tokensPerRow: numbers["tokens_per_row"] ?? 1)
  }

  private static func members(
    _ value: JSONValue, _ what: String
  ) throws(ContextError) -> [(String, JSONValue)] {
    guard let members = value.members else { throw .badNamespace("\(what) is no JSON object") }
    var seen: Set<String> = []
    var found: [(String, JSONValue)] = []
    for (name, value) in members {
      let name = String(decoding: name, as: UTF8.self)
      guard seen.insert(name).inserted else { throw .badNamespace("\(name) stands there twice") }
      found.append((name, value))
    }
    return found
  }

  private static func integer(_ value: JSONValue, _ name: String) throws(ContextError) -> Int {
    guard let number = value.integer else { throw .badNamespace("\(name) is no whole number") }
    return number
  }
}
