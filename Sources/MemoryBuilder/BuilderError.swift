import MemoryTables

/// What can go wrong when tables are brought in or out, or converted. Each prints as one line.
public enum BuilderError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A row in the store is not the checkpoint's, right after it was imported.
  case selfCheckFailed(table: String, row: Int)
  /// The folder that an export is to go to holds something already.
  case folderNotEmpty(path: String)
  /// Versions of one export that do not belong together.
  case conflictingTables(String)
  /// A version whose source tensors are not known.
  case noTensors(table: String)

  /// A conversion to the codec that the table has.
  case sameCodec(table: String, codec: RowCodec)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .selfCheckFailed(let table, let row):
      "row \(row) of \(table) differs from the checkpoint's: the checkpoint changed during the "
        + "import, or memory or disk is faulty; drop the version and import it again"
    case .folderNotEmpty(let path):
      "\(path) is not empty; name a new folder with --to"
    case .conflictingTables(let reason): reason
    case .noTensors(let table):
      "\(table) does not say which tensors it came from and cannot be exported"
    case .sameCodec(let table, let codec):
      "\(table) has codec \(codec.rawValue) already; choose another of "
        + RowCodec.allCases.filter { $0 != codec }.map(\.rawValue).joined(separator: ", ")
    }
  }
}
