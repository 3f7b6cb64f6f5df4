import Datasets
import Retrieval
import Storage
import Tokenization

/// The indexes that a command names, open.
struct SearchOpening {
  let search: Search

  /// Opens them, and says on standard error where a dataset has a newer version than its index.
  init(_ datasets: [String], in store: Store, tokenizer: Tokenizer?) throws {
    var indexes: [SearchIndex] = []
    for name in datasets {
      let reference = try DatasetReference(parsing: name)
      let index = try SearchIndex(reference, in: store, tokenizer: tokenizer)
      guard !indexes.contains(where: { $0.published == index.published }) else { continue }
      indexes.append(index)
      if reference.version == nil,
        let newest = try store.datasetVersions(named: reference.name).last?.manifest.version,
        newest > index.manifest.version
      {
        StandardStreams.note(
          "engram: \(reference.name) has version \(newest), its index is of version "
            + "\(index.manifest.version); run engram index build \(reference.name)")
      }
    }
    search = Search(indexes)
  }
}
