import Datasets
import Samples
import Serving

/// A dataset version as `GET /v1/datasets/{name}` describes it: what `DatasetSummary` says, and how
/// samples of tokens lie.
struct DatasetDescription: Encodable {
  private let summary: DatasetSummary
  private let tokens: TokenLayout?

  private enum Keys: String, CodingKey { case tokens }

  /// - Parameter versions: how many versions the dataset has.
  init(_ version: DatasetVersion, versions: Int) {
    summary = DatasetSummary(version, versions: versions)
    tokens = version.manifest.tokens
  }

  func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var members = encoder.container(keyedBy: Keys.self)
    try members.encodeIfPresent(tokens, forKey: .tokens)
  }
}
