import Samples

/// Why samples cannot be written; what the system refuses is a `FileError`.
package enum CorpusWriterError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is something at the destination.
  case exists(path: String)
  /// What is at the destination is nothing that this format would replace.
  case foreign(path: String, format: CorpusWriterFormat)
  /// The format does not hold samples of this kind.
  case wrongKind(format: CorpusWriterFormat, kind: SampleKind)
  /// The format does not hold this sample.
  case sample(number: Int, path: String, reason: String)
  /// The archive cannot be written.
  case archive(path: String, reason: String)

  /// One line: what is wrong, where, and what to do.
  package var description: String {
    switch self {
    case .exists(let path):
      "\(path): this is there already; choose another destination, or overwrite it"
    case .foreign(let path, let format):
      "\(path): this is there already and was not written as \(format.rawValue); "
        + "choose another destination"
    case .wrongKind(let format, let kind):
      "\(format.rawValue) does not hold \(kind.rawValue) samples; choose another format"
    case .sample(let number, let path, let reason):
      "\(path): sample \(number) cannot be written: \(reason)"
    case .archive(let path, let reason): "\(path): the archive cannot be written: \(reason)"
    }
  }
}
