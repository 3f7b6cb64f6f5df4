/// What can be wrong with addressing parameters, or with the tokens fed to a hasher.
public enum AddressingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A parameter is missing, out of bounds or contradicts another one.
  case invalidParameter(name: String, problem: String)
  /// No preset has this name.
  case unknownPreset(String)
  /// A model's config describes no memory table that we know.
  case unknownConfig
  /// The scheme addresses compressed tokens and no token map was given.
  case tokenMapRequired(preset: String)
  /// The token map given is not the one that the table was addressed with.
  case tokenMapMismatch(property: String, expected: String, found: String)
  /// Layers that do not share what one hasher needs to share.
  case incompatibleLayers(Int, Int, difference: String)
  /// A token id is negative or too large; `index` counts from 0 within the batch.
  case tokenOutOfRange(index: Int, token: Int32, limit: Int)
  /// `masked` or `segments` is not as long as the tokens, or a buffer is not what it must be.
  case countMismatch(what: String, expected: Int, found: Int)
  /// Masks or segments were given to a scheme whose rule knows none.
  case boundaryUnsupported(what: String, preset: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let problem):
      "addressing: \(name) \(problem)"
    case .unknownPreset(let name):
      "unknown preset \"\(name)\"; use one of "
        + Addressing.Preset.allCases.map(\.rawValue).joined(separator: ", ")
    case .unknownConfig:
      "the config has neither engram_layer_ids nor ple_layer_ids, at the top or in text_config; "
        + "give the addressing on the command line"
    case .tokenMapRequired(let preset):
      "\(preset) addresses compressed tokens; give its tokenizer or its token map"
    case .tokenMapMismatch(let property, let expected, let found):
      "the token map's \(property) is \(found), the table was addressed with \(expected); "
        + "use the tokenizer of the model that the table belongs to"
    case .incompatibleLayers(let first, let second, let difference):
      "layers \(first) and \(second) differ in their \(difference); hash them one at a time"
    case .tokenOutOfRange(let index, let token, let limit):
      "token \(index) is \(token), outside 0..<\(limit); "
        + "check that the tokens come from the model's own tokenizer"
    case .countMismatch(let what, let expected, let found):
      "\(what) has \(found) elements, expected \(expected)"
    case .boundaryUnsupported(let what, let preset):
      "\(preset) has no rule for \(what); leave \(what) out"
    }
  }
}
