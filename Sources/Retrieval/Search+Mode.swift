extension Search {
  /// How questions are ranked where nobody says: by both where all indexes have vectors of a model,
  /// else by words.
  public var defaultMode: SearchRequest.Mode {
    indexes.allSatisfy { $0.manifest.vectors?.model != nil } && !indexes.isEmpty
      ? .hybrid : .lexical
  }
}
