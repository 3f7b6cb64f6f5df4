/// What a memory holds for a text: its tokens, the N-grams that end at each, their rows, and where
/// these came from. As JSON it is what `engram explain --format json` prints.
public struct Explanation: Encodable, Sendable {
  /// The text.
  public var text: String
  /// The memory.
  public var memory: Memory
  /// The counts, where they were given.
  public var counts: Counts?
  /// `name@version` of the dataset that passages come from, where one was given.
  public var dataset: String?
  /// Where the gates come from, where there are any.
  public var gates: Gates?
  /// The text's tokens, in order.
  public var tokens: [Token]

  /// The memory table that is explained.
  public struct Memory: Encodable, Sendable {
    /// How rows are found.
    public enum Kind: String, Encodable, Sendable {
      /// By hashes of N-grams: some share rows.
      case hashed
      /// By the N-grams themselves: those that are not in the table have none.
      case exact
    }

    /// `name@version`.
    public var table: String
    /// How its rows are found.
    public var kind: Kind
    /// Its rows.
    public var rows: Int
    /// Numbers in a row.
    public var dimension: Int
    /// How they are stored.
    public var codec: String
    /// Tokens of its shortest N-grams.
    public var shortest: Int
    /// Tokens of its longest N-grams.
    public var longest: Int
    /// Rows that an N-gram has.
    public var heads: Int
  }

  /// The counts that frequencies come from.
  public struct Counts: Encodable, Sendable {
    /// `name@version`.
    public var name: String
    /// The dataset version that was counted.
    public var dataset: String
    /// The most frequent N-grams of each order among which near ones were looked for.
    public var among: Int
  }

  /// The fusion that opened the gates.
  public struct Gates: Encodable, Sendable {
    /// Whose rule.
    public var form: String
    /// Gates of a token.
    public var branches: Int
    /// Where the hidden states come from.
    public var hidden: String
  }

  /// A token of the text.
  public struct Token: Encodable, Sendable {
    /// Its id.
    public var id: Int32
    /// The id that N-grams are made of, where the memory compresses ids.
    public var compressed: Int32?
    /// Its text; bytes that are not whole characters are U+FFFD.
    public var text: String
    /// Its bytes in hexadecimal, where they are not whole characters.
    public var bytes: String?
    /// Where it begins in the text, in bytes; `nil` where the tokenizer changed the text.
    public var start: Int?
    /// Where it ends.
    public var end: Int?
    /// The Euclidean norm of all its rows together.
    public var norm: Float
    /// How far the gate of each branch opens, 0 to 1.
    public var gates: [Float]?
    /// The N-grams that end here, the shortest first.
    public var ngrams: [Ngram]
  }

  /// An N-gram that ends at a token.
  public struct Ngram: Encodable, Sendable {
    /// Its tokens, those beyond the text's beginning among them.
    public var order: Int
    /// The first of its tokens that stand in the text.
    public var first: Int
    /// How many of its tokens lie before the beginning, where the boundary token stands for them.
    public var padding: Int
    /// The text of those that stand in it.
    public var text: String
    /// Whether the memory has a row for it: hashed ones always do.
    public var isFound: Bool
    /// Whether the token reads this N-gram's rows: in an exact table only the longest found.
    public var isRead: Bool
    /// The norm of its rows together.
    public var norm: Float
    /// Its rows, one a head; none where it is not in an exact table.
    public var rows: [Row]
    /// How often it was counted; `nil` where nothing counted it.
    public var count: UInt64?
    /// The frequent N-grams of the same order whose rows point most nearly the same way.
    public var nearest: [Near]?
    /// Where it stands in the dataset.
    public var passages: Passages?
  }

  /// A row of an N-gram.
  public struct Row: Encodable, Sendable {
    /// Its number in the table.
    public var id: Int64
    /// Its norm.
    public var norm: Float
    /// How many other counted N-grams of this order have this row in this column; `nil` where
    /// nothing was counted.
    public var sharing: Int?
    /// The most frequent of these.
    public var sharers: [Counted]?
  }

  /// An N-gram and how often it was counted.
  public struct Counted: Encodable, Sendable, Hashable {
    /// Its text.
    public var text: String
    /// How often.
    public var count: UInt64
  }

  /// A near N-gram.
  public struct Near: Encodable, Sendable {
    /// Its text.
    public var text: String
    /// How often it was counted.
    public var count: UInt64
    /// The cosine of the angle between its rows and those of the other.
    public var cosine: Float
  }

  /// Where an N-gram stands.
  public struct Passages: Encodable, Sendable {
    /// The words that were looked for: the N-gram's, the outer ones completed.
    public var phrase: String
    /// In how many passages these stand.
    public var count: Int
    /// The first few.
    public var found: [PassageExtract]
  }
}
