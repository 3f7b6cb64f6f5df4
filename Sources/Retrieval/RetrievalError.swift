/// What can go wrong with indexes and questions. Each prints as one line: what, where, what to do.
public enum RetrievalError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no index of this dataset.
  case noIndex(dataset: String, available: [String])
  /// There is an index of other versions of the dataset only.
  case noIndexOfVersion(dataset: String, version: Int, available: [Int])
  /// The dataset version that an index is of is not there any more.
  case datasetIsGone(index: String, reason: String)
  /// A file of an index is not as it was published.
  case corrupt(path: String, reason: String)
  /// The index was written by a newer program.
  case newerFormat(path: String, found: Int, supported: Int)
  /// The dataset holds something without text.
  case noText(dataset: String, kind: String)
  /// Samples of tokens need their tokenizer.
  case noTokenizer(dataset: String)
  /// The tokenizer is not the one that the dataset or the index was made with.
  case otherTokenizer(what: String, expected: String, found: String)
  /// A question without a word.
  case noWords(question: String)
  /// A line of a file of questions that is none.
  case badQuestion(path: String, line: Int, reason: String)
  /// A question with too many different words.
  case tooManyWords(count: Int, limit: Int)
  /// A field that no document has.
  case unknownField(name: String, available: [String])
  /// The index has no vectors.
  case noVectors(index: String)
  /// The index has vectors that a user brought: questions have no model.
  case noModel(index: String)
  /// The disk has too little room.
  case diskFull(path: String, needed: Int, free: Int)
  /// A number of the command is out of its range.
  case badOption(name: String, value: String, expected: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .noIndex(let dataset, let available):
      available.isEmpty
        ? "\(dataset) has no index; run engram index build \(dataset)"
        : "\(dataset) has no index; run engram index build \(dataset), or ask one of "
          + available.joined(separator: ", ")
    case .noIndexOfVersion(let dataset, let version, let available):
      "\(dataset)@\(version) has no index, version \(available.map(String.init).joined(separator: ", ")) "
        + "has; run engram index build \(dataset)@\(version)"
    case .datasetIsGone(let index, let reason):
      "the index of \(index) has no dataset any more: \(reason); run engram index drop \(index)"
    case .corrupt(let path, let reason):
      "\(path) is corrupt: \(reason); run engram index drop and engram index build again"
    case .newerFormat(let path, let found, let supported):
      "\(path) has format \(found), this program reads up to \(supported); use a newer engram"
    case .noText(let dataset, let kind):
      "\(dataset) holds \(kind), no text to index; index a dataset of documents or tokens"
    case .noTokenizer(let dataset):
      "\(dataset) holds tokens; name their tokenizer with --tokenizer"
    case .otherTokenizer(let what, let expected, let found):
      "\(what) is of the tokenizer \(expected.prefix(12)), not of \(found.prefix(12)); "
        + "name that tokenizer's file"
    case .noWords(let question):
      "the question \"\(question.prefix(60))\" has no words; write some letters or digits"
    case .badQuestion(let path, let line, let reason):
      "\(path), line \(line): \(reason); write {\"id\":..,\"text\":..} on each line"
    case .tooManyWords(let count, let limit):
      "the question has \(count) different words, at most \(limit) are searched; shorten it"
    case .unknownField(let name, let available):
      "no document has a field \"\(name)\"; "
        + (available.isEmpty
          ? "leave --where away, they have no metadata"
          : "ask for one of " + available.prefix(20).joined(separator: ", "))
    case .noVectors(let index):
      "the index of \(index) has no vectors; build it with --embed or --vectors, or use --mode lexical"
    case .noModel(let index):
      "the vectors of \(index) came without a model; give the question's vector with --vector"
    case .diskFull(let path, let needed, let free):
      "\(path) is on a disk with \(free >> 20) MiB free, the index needs about \(needed >> 20) MiB; "
        + "free some space, nothing was changed"
    case .badOption(let name, let value, let expected):
      "\(name) \(value) is not possible: give \(expected)"
    }
  }
}
