import Datasets

/// A passage that answers a question: where it stands, and its score.
public struct Passage: Sendable, Hashable {
  /// The dataset version.
  public var dataset: DatasetReference
  /// The sample's number in that version.
  public var sample: Int
  /// Which of the sample's passages it is, from 0.
  public var ordinal: Int
  /// Where it stands in the document's text, in bytes.
  public var range: Range<Int>
  /// The document's title: its first heading, or the name of its file.
  public var title: String
  /// The document's path or URL, as its metadata has it; its id where there is neither.
  public var source: String
  /// The record's own id where it has one.
  public var id: String?
  /// The score that it was ranked by: BM25, cosine or reciprocal ranks.
  public var score: Double
  /// The text, UTF-8 (bytes that are not become U+FFFD).
  public var text: String

  /// A passage.
  public init(
    dataset: DatasetReference, sample: Int, ordinal: Int, range: Range<Int>, title: String,
    source: String, id: String?, score: Double, text: String
  ) {
    self.dataset = dataset
    self.sample = sample
    self.ordinal = ordinal
    self.range = range
    self.title = title
    self.source = source
    self.id = id
    self.score = score
    self.text = text
  }
}
