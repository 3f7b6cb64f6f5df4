import Samples

/// What can go wrong with datasets. Each prints as one line: what, where, what to do.
public enum DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The text is no dataset name, or no `name@version`.
  case badName(String)
  /// No dataset of this name is published.
  case noSuchDataset(name: String, available: [String])
  /// The dataset has no such version.
  case noSuchVersion(name: String, version: Int, available: [Int])
  /// The version was dropped and its data collected while it was being opened.
  case dropped(name: String, version: Int)
  /// A sample number is not in the dataset.
  case sampleOutOfRange(dataset: String, number: Int, samples: Int)
  /// The bytes of a sample are not what its kind asks for.
  case badSample(dataset: String, number: Int, reason: String)
  /// A manifest or a page of one is damaged.
  case corrupt(place: String, reason: String)
  /// The manifest was written by a newer program.
  case newerFormat(place: String, found: Int, supported: Int)
  /// A new version would be of another kind than those before.
  case otherKind(name: String, present: String, wanted: String)
  /// There is no interrupted ingest to go on with.
  case nothingToResume(name: String)
  /// The interrupted ingest was another one.
  case otherIngest(name: String, reason: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .badName(let text):
      "\"\(text)\" is no dataset name; use letters, digits and . _ - / and, for a version, @NUMBER"
    case .noSuchDataset(let name, let available):
      "no dataset \(name) in this store; "
        + (available.isEmpty
          ? "there are none yet, ingest one" : "there are: \(available.joined(separator: ", "))")
    case .noSuchVersion(let name, let version, let available):
      "\(name) has no version \(version); there are: "
        + available.map(String.init).joined(separator: ", ")
    case .dropped(let name, let version):
      "\(name)@\(version) was dropped a moment ago; open another version"
    case .sampleOutOfRange(let dataset, let number, let samples):
      "\(dataset) has no sample \(number); it has \(samples), from 0"
    case .badSample(let dataset, let number, let reason):
      "\(dataset), sample \(number): \(reason)"
    case .corrupt(let place, let reason):
      "\(place) is damaged: \(reason); restore it from a copy, nothing of it is served"
    case .newerFormat(let place, let found, let supported):
      "\(place) has format \(found), this program reads up to \(supported); use a newer engram"
    case .otherKind(let name, let present, let wanted):
      "\(name) holds \(present), not \(wanted); choose another dataset name"
    case .nothingToResume(let name):
      "no interrupted ingest of \(name) to go on with; run it without --resume"
    case .otherIngest(let name, let reason):
      "the interrupted ingest of \(name) was another one: \(reason); run it without --resume"
    }
  }
}
