/// The query of a request about contexts: names and numbers, each at most once.
struct ContextQuery: Sendable {
  /// A parameter that may be given.
  enum Parameter: String, CaseIterable, Sendable {
    case keys, tokens, group, groups, layer, layers, blocks, durability, seconds
    case firstLayer = "first_layer"
    case firstBlock = "first_block"
  }

  private var values: [Parameter: String] = [:]

  /// Reads a query, `a=b&c=d` without the question mark.
  ///
  /// - Throws: `ServiceError.unknownParameter`, `.badParameter`.
  init(_ query: String?, knowing known: [Parameter]) throws(ServiceError) {
    for pair in (query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Parameter(rawValue: String(parts[0])), known.contains(name) else {
        throw .unknownParameter(name: String(parts[0]), known: known.map(\.rawValue))
      }
      let raw = parts.count == 2 ? String(parts[1]) : ""
      guard let value = raw.percentDecoded else {
        throw .badParameter(name: name.rawValue, found: raw, expected: "percent-encoded UTF-8")
      }
      guard values.updateValue(value, forKey: name) == nil else {
        throw .badParameter(name: name.rawValue, found: value, expected: "it once")
      }
    }
  }

  /// A whole number, written in digits; `nil` where it is not given.
  ///
  /// - Throws: `ServiceError.badParameter`.
  func number(
    _ name: Parameter, in range: ClosedRange<Int> = 0...Int.max
  ) throws(ServiceError) -> Int? {
    guard let text = values[name] else { return nil }
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text),
      range.contains(value)
    else {
      let most = range.upperBound == .max ? "or more" : "to \(range.upperBound)"
      throw .badParameter(
        name: name.rawValue, found: text, expected: "a whole number, \(range.lowerBound) \(most)")
    }
    return value
  }

  /// A text.
  ///
  /// - Throws: `ServiceError.badParameter` where it is not given.
  func text(_ name: Parameter, _ expected: String) throws(ServiceError) -> String {
    guard let text = values[name], !text.isEmpty else {
      throw .badParameter(name: name.rawValue, found: "", expected: expected)
    }
    return text
  }

  /// Whether keys are meant where tokens are spoken of.
  ///
  /// - Throws: `ServiceError.badParameter`.
  var areKeys: Bool {
    get throws(ServiceError) { try number(.keys, in: 0...1) == 1 }
  }

  /// How many tokens or keys lead a body.
  ///
  /// - Throws: `ServiceError.badParameter`.
  var leadingTokens: Int {
    get throws(ServiceError) {
      guard let count = try number(.tokens) else {
        throw .badParameter(
          name: "tokens", found: "", expected: "how many tokens, or keys, the body begins with")
      }
      return count
    }
  }

  /// Seconds of a pin.
  ///
  /// - Throws: `ServiceError.badParameter`.
  var seconds: Double {
    get throws(ServiceError) {
      let text = values[.seconds] ?? ""
      guard let seconds = Double(text), seconds.isFinite, (0...Self.mostSeconds).contains(seconds)
      else {
        throw .badParameter(
          name: "seconds", found: text, expected: "a number from 0 to \(Int(Self.mostSeconds))")
      }
      return seconds
    }
  }
  /// Ten years.
  private static let mostSeconds = 315_360_000.0

  /// Whether a put waits for the disk. It does where nothing is said.
  ///
  /// - Throws: `ServiceError.badParameter`.
  var isDurable: Bool {
    get throws(ServiceError) {
      switch values[.durability] {
      case nil, "durable": return true
      case "relaxed": return false
      case let other?:
        throw .badParameter(name: "durability", found: other, expected: "durable or relaxed")
      }
    }
  }
}
