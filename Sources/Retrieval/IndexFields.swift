import MetadataColumns
import PassageIndex
import Storage

/// The fields of documents' metadata that an index can be asked for.
public enum IndexFields {
  /// Their names, sorted. The dataset itself is not needed.
  public static func names(_ manifest: IndexManifest, in store: Store) throws -> [String] {
    var names = Set<String>()
    for part in manifest.segments {
      names.formUnion(
        try Segment(folder: store.tableFolder(part.id), id: part.id).metadata.fields)
    }
    return names.sorted()
  }
}
