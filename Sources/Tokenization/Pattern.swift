/// A regular expression as a tokenizer.json writes it (Oniguruma, Ruby syntax), parsed.
///
/// One syntax tree serves both engines: `perlText` for PCRE2, which is the general one, and
/// `PatternAutomaton`, which is the fast one.
indirect enum Pattern {
  /// One scalar of a set.
  case set(ScalarClass)
  /// One part after another; none matches the empty text.
  case sequence([Pattern])
  /// The first part that leads to a match wins.
  case alternatives([Pattern])
  case repeated(Pattern, min: Int, max: Int?, Repetition)
  /// What follows (or precedes) matches, or must not; nothing is consumed.
  case look(Pattern, ahead: Bool, negative: Bool)
  /// No way back into it once it has matched.
  case atomic(Pattern)
  case caseless(Pattern)
  /// The start of a line.
  case lineStart

  enum Repetition {
    case greedy
    case lazy
    case possessive
  }

  /// The same expression for PCRE2, in UTF and UCP mode.
  var perlText: String {
    switch self {
    case .set(let set): set.perlText
    case .sequence(let parts): parts.map(\.perlText).joined()
    case .alternatives(let parts): "(?:" + parts.map(\.perlText).joined(separator: "|") + ")"
    case .repeated(let part, let min, let max, let repetition):
      "(?:\(part.perlText))" + Self.quantifier(min, max) + repetition.perlText
    case .look(let part, let ahead, let negative):
      "(?\(ahead ? "" : "<")\(negative ? "!" : "=")\(part.perlText))"
    case .atomic(let part): "(?>\(part.perlText))"
    case .caseless(let part): "(?i:\(part.perlText))"
    case .lineStart: "^"
    }
  }

  private static func quantifier(_ min: Int, _ max: Int?) -> String {
    switch (min, max) {
    case (0, nil): "*"
    case (1, nil): "+"
    case (0, 1): "?"
    case (_, let max?): "{\(min),\(max)}"
    case (_, nil): "{\(min),}"
    }
  }
}

extension Pattern.Repetition {
  fileprivate var perlText: String {
    switch self {
    case .greedy: ""
    case .lazy: "?"
    case .possessive: "+"
    }
  }
}

/// A set of scalars as written: the items of a bracket expression, or one class.
struct ScalarClass: Hashable {
  enum Item: Hashable {
    case range(UInt32, UInt32)
    /// A general category or a script, by its Unicode name.
    case property(String, negative: Bool)
    /// `\s`: White_Space.
    case space(negative: Bool)
    /// `\d`: Nd.
    case digit(negative: Bool)
    /// `\w`: Alphabetic, M, Nd, Pc, and the numbers of Latin-1, as Oniguruma has it.
    case word
  }

  var items: [Item]
  var isNegative: Bool

  /// PCRE2's own `\s` has U+180E and its `\w` lacks marks, so both are spelt out.
  var perlText: String {
    if !isNegative, items.count == 1, case .property(let name, let negative) = items[0] {
      return "\\\(negative ? "P" : "p"){\(name)}"
    }
    return "[\(isNegative ? "^" : "")\(items.map(Self.perlText).joined())]"
  }

  private static func perlText(_ item: Item) -> String {
    switch item {
    case .range(let low, let high):
      "\\x{\(String(low, radix: 16))}"
        + (low == high ? "" : "-\\x{\(String(high, radix: 16))}")
    case .property(let name, let negative): "\\\(negative ? "P" : "p"){\(name)}"
    case .space(false):
      "\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}"
        + "\\x{202f}\\x{205f}\\x{3000}"
    case .space(true): "\\S\\x{180e}"
    case .digit(let negative): negative ? "\\P{Nd}" : "\\p{Nd}"
    case .word:
      "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{b2}\\x{b3}\\x{b9}\\x{bc}-\\x{be}"
    }
  }

  /// The same set in ICU's notation.
  var icuText: String {
    "[\(isNegative ? "^" : "")\(items.map(Self.icuText).joined())]"
  }

  private static func icuText(_ item: Item) -> String {
    switch item {
    case .range(let low, let high):
      "\\x{\(String(low, radix: 16))}"
        + (low == high ? "" : "-\\x{\(String(high, radix: 16))}")
    case .property(let name, let negative): "[\(negative ? "^" : "")\\p{\(name)}]"
    case .space(let negative): "[\(negative ? "^" : "")\\p{White_Space}]"
    case .digit(let negative): "[\(negative ? "^" : "")\\p{Nd}]"
    case .word: "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{b2}\\x{b3}\\x{b9}\\x{bc}-\\x{be}"
    }
  }
}
