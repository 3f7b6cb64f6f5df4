/// Reads the part of Oniguruma's Ruby syntax that means the same everywhere, or that we can say
/// exactly in other words. The rest is refused by name: a pattern that is read wrongly would give
/// wrong tokens.
struct PatternParser {
  private static let depthLimit = 100
  private static let repetitionLimit = 1000

  private let source: String
  private let scalars: [Unicode.Scalar]
  private var position = 0

  static func parse(_ source: String) throws(TokenizationError) -> Pattern {
    var parser = PatternParser(source)
    let pattern = try parser.alternatives(depth: 0)
    guard parser.position == parser.scalars.count else { throw parser.error("unmatched ')'") }
    return pattern
  }

  private init(_ source: String) {
    self.source = source
    scalars = Array(source.unicodeScalars)
  }

  private func error(_ reason: String) -> TokenizationError { .pattern(source, reason: reason) }

  private func unsupported(_ what: String) -> TokenizationError {
    error("\(what) is not supported")
  }

  private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard position + count <= scalars.count else { return false }
    for index in 0..<count where scalars[position + index].value != UInt32(text.utf8Start[index]) {
      return false
    }
    position += count
    return true
  }

  private mutating func alternatives(depth: Int) throws(TokenizationError) -> Pattern {
    guard depth < Self.depthLimit else { throw error("nested too deeply") }
    var parts = [try sequence(depth: depth)]
    while take("|") { parts.append(try sequence(depth: depth)) }
    return parts.count == 1 ? parts[0] : .alternatives(parts)
  }

  private mutating func sequence(depth: Int) throws(TokenizationError) -> Pattern {
    var parts: [Pattern] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      parts.append(try quantified(try atom(depth: depth)))
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func quantified(_ atom: Pattern) throws(TokenizationError) -> Pattern {
    var atom = atom
    var isQuantified = false
    while let (min, max, isInterval) = try quantifier() {
      if case .look = atom { throw unsupported("a quantifier on a look-around") }
      if case .lineStart = atom { throw unsupported("a quantifier on an anchor") }
      guard !isQuantified else { throw unsupported("a quantifier on a quantifier") }
      isQuantified = true
      var repetition = Pattern.Repetition.greedy
      if take("?") {
        repetition = .lazy
      } else if next == "+" {
        // `a{1,3}+` is possessive to some engines and a plain repetition to others.
        guard !isInterval else { throw unsupported("'+' after an interval") }
        position += 1
        repetition = .possessive
      }
      if isInterval, repetition == .lazy, max == min {
        throw unsupported("'?' after a fixed interval")
      }
      atom = .repeated(atom, min: min, max: max, repetition)
    }
    return atom
  }

  private mutating func quantifier() throws(TokenizationError) -> (Int, Int?, Bool)? {
    if take("*") { return (0, nil, false) }
    if take("+") { return (1, nil, false) }
    if take("?") { return (0, 1, false) }
    guard next == "{" else { return nil }
    position += 1
    let low = number()
    var high = low
    if take(",") { high = number() }
    guard low != nil || high != nil, take("}") else { throw unsupported("a literal '{'") }
    let min = low ?? 0
    guard min <= Self.repetitionLimit, (high ?? 0) <= Self.repetitionLimit, min <= high ?? min
    else { throw error("an interval out of range") }
    return (min, high, true)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, scalar >= "0", scalar <= "9" {
      value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), 1_000_000)
      position += 1
    }
    return value
  }

  private mutating func atom(depth: Int) throws(TokenizationError) -> Pattern {
    guard let scalar = next else { throw error("it ends in the middle") }
    position += 1
    switch scalar {
    case "(": return try group(depth: depth)
    case "[": return .set(try bracket())
    case ".": return .set(ScalarClass(items: [.range(0x0A, 0x0A)], isNegative: true))
    case "^": return .lineStart
    case "$": throw unsupported("'$'")
    case "*", "+", "?": throw error("nothing to repeat")
    case "\\": return .set(try escapedClass())
    default: return .set(Self.single(scalar.value))
    }
  }

  private static func single(_ scalar: UInt32) -> ScalarClass {
    ScalarClass(items: [.range(scalar, scalar)], isNegative: false)
  }

  private mutating func group(depth: Int) throws(TokenizationError) -> Pattern {
    if take("?i)") {
      // Elsewhere engines disagree about how far the option reaches.
      guard depth == 0, position == 4 else { throw unsupported("(?i) inside a pattern") }
      return .caseless(try alternatives(depth: depth + 1))
    }
    let wrap: (Pattern) -> Pattern
    if take("?:") {
      wrap = { $0 }
    } else if take("?i:") {
      wrap = { .caseless($0) }
    } else if take("?>") {
      wrap = { .atomic($0) }
    } else if take("?=") {
      wrap = { .look($0, ahead: true, negative: false) }
    } else if take("?!") {
      wrap = { .look($0, ahead: true, negative: true) }
    } else if take("?<=") {
      wrap = { .look($0, ahead: false, negative: false) }
    } else if take("?<!") {
      wrap = { .look($0, ahead: false, negative: true) }
    } else if next == "?" {
      throw unsupported("this kind of group")
    } else {
      wrap = { $0 }
    }
    let inner = try alternatives(depth: depth + 1)
    guard take(")") else { throw error("a group has no end") }
    // A group keeps its alternatives to itself.
    return wrap(inner)
  }

  private mutating func bracket() throws(TokenizationError) -> ScalarClass {
    var set = ScalarClass(items: [], isNegative: take("^"))
    while true {
      guard let scalar = next else { throw error("a bracket has no end") }
      position += 1
      if scalar == "]" {
        guard !set.items.isEmpty else { throw unsupported("an empty bracket") }
        return set
      }
      if scalar == "[" { throw unsupported("a bracket inside a bracket") }
      if scalar == "&", next == "&" { throw unsupported("'&&' in a bracket") }
      let item = scalar == "\\" ? try escapedItem() : .range(scalar.value, scalar.value)
      guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
        set.items.append(item)
        continue
      }
      position += 1
      guard case .range(let low, _) = item, let last = next, last != "[" else {
        throw unsupported("this range in a bracket")
      }
      position += 1
      let end = last == "\\" ? try escapedItem() : .range(last.value, last.value)
      guard case .range(let high, _) = end, low <= high else {
        throw error("a range runs backwards")
      }
      set.items.append(.range(low, high))
    }
  }

  private mutating func escapedClass() throws(TokenizationError) -> ScalarClass {
    if next == "W" {
      position += 1
      return ScalarClass(items: [.word], isNegative: true)
    }
    if next == "S" {
      position += 1
      return ScalarClass(items: [.space(negative: false)], isNegative: true)
    }
    return ScalarClass(items: [try escapedItem()], isNegative: false)
  }

  private mutating func escapedItem() throws(TokenizationError) -> ScalarClass.Item {
    guard let scalar = next else { throw error("it ends with '\\'") }
    position += 1
    switch scalar {
    case "n": return .range(0x0A, 0x0A)
    case "r": return .range(0x0D, 0x0D)
    case "t": return .range(0x09, 0x09)
    case "f": return .range(0x0C, 0x0C)
    case "v": return .range(0x0B, 0x0B)
    case "a": return .range(0x07, 0x07)
    case "e": return .range(0x1B, 0x1B)
    case "s": return .space(negative: false)
    case "S": return .space(negative: true)
    case "d": return .digit(negative: false)
    case "D": return .digit(negative: true)
    case "w": return .word
    case "p": return try property(negative: false)
    case "P": return try property(negative: true)
    case "x": return try hexadecimal(braces: true, digits: 2)
    case "u": return try hexadecimal(braces: false, digits: 4)
    default:
      let isLetterOrDigit =
        (scalar >= "0" && scalar <= "9") || (scalar >= "A" && scalar <= "Z")
        || (scalar >= "a" && scalar <= "z")
      guard scalar.isASCII, !isLetterOrDigit else { throw unsupported("'\\\(scalar)'") }
      return .range(scalar.value, scalar.value)
    }
  }

  private mutating func property(negative: Bool) throws(TokenizationError) -> ScalarClass.Item {
    guard take("{") else { throw error("\\p without a name") }
    let caret = take("^")
    var name = ""
    while let scalar = next, scalar != "}" {
      guard scalar.isASCII else { break }
      name.unicodeScalars.append(scalar)
      position += 1
    }
    guard take("}"), Self.properties.contains(name) else { throw unsupported("\\p{\(name)}") }
    return .property(name, negative: negative != caret)
  }

  private mutating func hexadecimal(
    braces: Bool, digits: Int
  )
    throws(TokenizationError) -> ScalarClass.Item
  {
    let isBraced = braces && take("{")
    var value: UInt32 = 0
    var count = 0
    while count < (isBraced ? 8 : digits), let scalar = next,
      let digit = Character(scalar).hexDigitValue, scalar.isASCII
    {
      value = value << 4 | UInt32(digit)
      count += 1
      position += 1
    }
    guard isBraced ? count > 0 && take("}") : count == digits, Unicode.Scalar(value) != nil else {
      throw error("a bad character number")
    }
    // A byte above 7F is half a character to Oniguruma.
    guard isBraced || digits == 4 || value < 0x80 else { throw unsupported("a raw byte") }
    return .range(value, value)
  }

  /// General categories and scripts: the names that every engine knows and agrees about.
  private static let properties: Set<String> = [
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No",
    "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So",
    "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cn",
    "Han", "Hiragana", "Katakana", "Hangul", "Latin", "Greek", "Cyrillic", "Arabic", "Hebrew",
    "Thai", "Devanagari", "Bengali", "Tamil", "Telugu", "Armenian", "Georgian", "Khmer", "Lao",
    "Tibetan", "Myanmar", "Ethiopic", "Mongolian", "Bopomofo", "Common", "Inherited",
  ]
}
