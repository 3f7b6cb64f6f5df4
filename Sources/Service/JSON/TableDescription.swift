import Addressing
import MemoryTables
import Serving

/// A table version as `GET /v1/tables/{name}` describes it: what `TableSummary` says, and how tokens
/// lead to its rows.
struct TableDescription: Encodable {
  private let summary: TableSummary
  private let columns: Int
  private let tokenLimit: Int
  private let longest: Int
  private let takesSegments: Bool
  private let addressing: Addressing?

  private enum Keys: String, CodingKey {
    case columns, tokenLimit, longest, takesSegments, addressing
  }

  init(_ table: OpenTable) {
    summary = TableSummary(table.table.published, manifest: table.manifest)
    columns = table.addresses.columns
    tokenLimit = table.addresses.tokenLimit
    longest = table.addresses.longest
    takesSegments = table.addresses.takesSegments
    addressing = table.manifest.addressing
  }

  func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var members = encoder.container(keyedBy: Keys.self)
    try members.encode(columns, forKey: .columns)
    try members.encode(tokenLimit, forKey: .tokenLimit)
    try members.encode(longest, forKey: .longest)
    try members.encode(takesSegments, forKey: .takesSegments)
    try members.encodeIfPresent(addressing, forKey: .addressing)
  }
}
