import Corpora

/// What can go wrong with building datasets. Each prints as one line: what, where, what to do.
public enum IngestError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A record cannot be read, and bad records were not to be skipped.
  case badRecord(BadRecord)
  /// The sources held nothing to store.
  case nothingRead(leftOut: String)
  /// Standard input cannot be read again, so there is nothing to go on with.
  case cannotResumeStandardInput
  /// The sources are not those of the interrupted run.
  case sourcesChanged(dataset: String, path: String)
  /// A choice does not fit.
  case badOption(String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .badRecord(let record):
      "\(record); nothing was changed: mend it, or leave such records out with --skip-bad"
    case .nothingRead(let leftOut):
      "the sources hold no samples\(leftOut.isEmpty ? "" : " (\(leftOut))"); nothing was changed"
    case .cannotResumeStandardInput:
      "standard input cannot be read from where it was; run it without --resume"
    case .sourcesChanged(let dataset, let path):
      "\(path) is not what the interrupted ingest of \(dataset) read; run it without --resume"
    case .badOption(let text): text
    }
  }
}
