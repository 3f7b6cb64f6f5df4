import Samples

/// Why a corpus cannot be read at all. What is wrong with one file or record is a `BadRecord`.
public enum CorporaError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no file, folder or match of that name.
  case missing(path: String)
  /// Nothing of what was named is read; `leftOut` says what there was, by reason.
  case nothingFound(paths: [String], leftOut: [String: Int])
  /// Sources of two kinds, which cannot be in one dataset.
  case mixedKinds(path: String, kind: SampleKind, otherPath: String, otherKind: SampleKind)
  /// A source whose samples are not of the kind that was asked for.
  case wrongKind(path: String, kind: SampleKind, wanted: SampleKind)
  /// Standard input was named twice.
  case standardInputTwice
  /// A format that is not read from front to back.
  case noStandardInput(format: CorpusFormat)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .missing(let path): "\(path): there is no such file or folder; check the name"
    case .nothingFound(let paths, let leftOut):
      "nothing to read in \(Self.list(paths)): \(Self.reasons(leftOut)); name files to take them"
        + " whatever their extension, or use --include or --format"
    case .mixedKinds(let path, let kind, let otherPath, let otherKind):
      "\(path) gives \(kind.rawValue) samples and \(otherPath) gives \(otherKind.rawValue): one"
        + " dataset has one kind; ingest them apart or choose with --kind"
    case .wrongKind(let path, .tokens, .document):
      "\(path) gives token ids, no documents; leave --kind out or use --kind tokens"
    case .wrongKind(let path, .document, .tokens):
      "\(path) gives documents, no token ids; ingest them and use `engram dataset tokenize`"
    case .wrongKind(let path, let kind, let wanted):
      "\(path) gives \(kind.rawValue) samples, not \(wanted.rawValue); leave --kind out"
    case .standardInputTwice: "standard input (-) can be read once; name it once"
    case .noStandardInput(let format):
      "\(format.rawValue) cannot be read from standard input; name the file"
    }
  }

  private static func list(_ paths: [String]) -> String {
    paths.prefix(3).joined(separator: ", ")
      + (paths.count > 3 ? " and \(paths.count - 3) more" : "")
  }

  /// `3 of extension .png, 1 hidden`, the most frequent first.
  private static func reasons(_ leftOut: [String: Int]) -> String {
    if leftOut.isEmpty { return "there are no files" }
    let sorted = leftOut.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let shown = sorted.prefix(5).map { "\($0.key) (\($0.value))" }
    return "left out: " + shown.joined(separator: ", ") + (sorted.count > 5 ? ", ..." : "")
  }
}
