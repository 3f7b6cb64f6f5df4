import Retrieval

/// A passage that holds an N-gram, cut to what stands around it.
public struct PassageExtract: Encodable, Sendable, Hashable {
  /// `name@version` of the dataset.
  public var dataset: String
  /// The sample's number.
  public var sample: Int
  /// Which of its passages it is.
  public var ordinal: Int
  /// Where the passage begins in the document, in bytes.
  public var start: Int
  /// Where it ends.
  public var end: Int
  /// The document's title.
  public var title: String
  /// Its path or URL.
  public var source: String
  /// Its own id where it has one.
  public var id: String?
  /// What stands before the N-gram.
  public var before: String
  /// The N-gram as it stands there; empty where only its words do, in other forms.
  public var match: String
  /// What stands after it.
  public var after: String

  /// Characters that are shown before and after.
  private static let (reachBefore, reachAfter) = (110, 190)

  /// The part of a passage around a phrase, its beginning where the phrase does not stand in it
  /// word for word.
  init(_ passage: Passage, around phrase: PhraseWords) {
    dataset = "\(passage.dataset)"
    sample = passage.sample
    ordinal = passage.ordinal
    start = passage.range.lowerBound
    end = passage.range.upperBound
    title = Self.spaced(passage.title)
    source = passage.source
    id = passage.id
    let text = Array(passage.text.utf8)
    let place = PhraseWords(passage.text).first(of: phrase) ?? 0..<0
    func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
    before = Self.end(of: Self.spaced(part(0..<place.lowerBound)))
    match = Self.spaced(part(place))
    after = Self.start(
      of: Self.spaced(part(place.upperBound..<text.count)),
      reach: match.isEmpty ? Self.reachBefore + Self.reachAfter : Self.reachAfter)
  }

  /// Every run of white space as one space, and of rulers that are drawn with characters no more
  /// than a little.
  private static func spaced(_ text: String) -> String {
    var result = ""
    var (last, length): (Character?, Int) = (nil, 0)
    for character in text {
      let next: Character = character.isWhitespace ? " " : character
      length = next == last ? length + 1 : 1
      last = next
      if length > (next == " " ? 1 : next.isLetter || next.isNumber ? .max : 4) { continue }
      result.append(next)
    }
    return result
  }

  private static func end(of text: String) -> String {
    guard text.count > reachBefore else { return text }
    let kept = text.suffix(reachBefore)
    // Not from the middle of a word, unless words are long here.
    let word = kept.prefix(30).firstIndex(of: " ").map { kept[kept.index(after: $0)...] } ?? kept
    return "… " + word
  }

  private static func start(of text: String, reach: Int) -> String {
    guard text.count > reach else { return text }
    let kept = text.prefix(reach)
    let word = kept.suffix(30).lastIndex(of: " ").map { kept[..<$0] } ?? kept
    return word + " …"
  }
}
