/// What can go wrong when N-grams are listed or their vectors are brought in. Each prints as one
/// line.
public enum GraftError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file does not begin with the header of a list of N-grams.
  case noList(path: String, reason: String)
  /// A list of a newer format.
  case newerFormat(path: String, found: Int, supported: Int)
  /// A line that is no N-gram.
  case badLine(path: String, line: Int, reason: String)
  /// An N-gram that two lines have.
  case duplicate(path: String, first: Int, second: Int)
  /// More or fewer N-grams than the header says.
  case wrongLineCount(path: String, found: Int, expected: Int)
  /// No N-gram passed the limits.
  case empty(what: String)
  /// As many vectors as there are N-grams are needed.
  case wrongVectorCount(path: String, vectors: Int, ngrams: Int)
  /// The tensor is no list of vectors.
  case unsuitableTensor(path: String, tensor: String, found: String)
  /// The vectors are those of another list.
  case otherList(path: String, list: String, expected: String, found: String)
  /// A number of a vector is NaN or infinite.
  case notFinite(path: String, row: Int, column: Int, value: Float)
  /// The tokenizer is not that of the list or of the counts.
  case otherTokenizer(of: String, expected: String, found: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .noList(let path, let reason):
      "\(path) is no list of N-grams: \(reason); write one with engram memory graft list"
    case .newerFormat(let path, let found, let supported):
      "\(path) has version \(found), this program reads up to \(supported); use a newer engram"
    case .badLine(let path, let line, let reason):
      "\(path) line \(line) is no N-gram: \(reason); list the N-grams anew"
    case .duplicate(let path, let first, let second):
      "\(path) has the same N-gram in lines \(first) and \(second); list the N-grams anew"
    case .wrongLineCount(let path, let found, let expected):
      "\(path) has \(found) N-grams, its header says \(expected); it was cut short or edited, list "
        + "the N-grams anew"
    case .empty(let what):
      "\(what); lower --min-count, or choose other --orders"
    case .wrongVectorCount(let path, let vectors, let ngrams):
      "\(path) has \(vectors) vectors for \(ngrams) N-grams; compute them for this list with "
        + "Tools/graft"
    case .unsuitableTensor(let path, let tensor, let found):
      "tensor \(tensor) of \(path) is \(found); one vector a row is needed, [N-grams, width], F32, "
        + "F16, BF16 or F64"
    case .otherList(let path, let list, let expected, let found):
      "\(path) was computed for the list with SHA-256 \(found.prefix(12))..., \(list) has "
        + "\(expected.prefix(12))...; give the list that the vectors were computed for"
    case .notFinite(let path, let row, let column, let value):
      "vector \(row) of \(path) has \(value) at place \(column); compute it again, in another "
        + "--dtype"
    case .otherTokenizer(let subject, let expected, let found):
      "\(subject) is of the tokenizer \(expected.prefix(12))..., the one given is "
        + "\(found.prefix(12))...; give the tokenizer that it was made with"
    }
  }
}
