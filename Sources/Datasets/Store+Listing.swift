import Storage

extension Store {
  /// The published dataset versions whose records can be read, and a line for each that cannot.
  ///
  /// - Throws: where the catalog itself cannot be read.
  public func readableDatasetVersions() throws -> (
    versions: [DatasetVersion], problems: [String]
  ) {
    var versions: [DatasetVersion] = []
    var problems: [String] = []
    for entry in try catalog.entries(prefix: [UInt8(ascii: "v")], in: .datasets) {
      do {
        let version = try DatasetVersion(record: entry.value, store: path)
        let key = DatasetVersion.key(
          name: version.manifest.name, version: version.manifest.version)
        guard key == entry.key else {
          problems.append("\(path)/catalog is damaged: \(version.title) stands under another name")
          continue
        }
        versions.append(version)
      } catch {
        problems.append("\(error)")
      }
    }
    return (versions, problems)
  }

  /// Whether a version is published at this moment. A store that is open for reading shows the
  /// moment when it was opened.
  public func isPublishedNow(_ version: DatasetVersion) throws -> Bool {
    try Store(path: path, mode: .reading).datasetVersions(named: version.manifest.name)
      .contains(version)
  }
}
