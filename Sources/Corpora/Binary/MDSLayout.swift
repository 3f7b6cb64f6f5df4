import Samples

/// What the samples of a folder of shards become, decided by its columns.
struct MDSLayout {
  let kind: SampleKind
  let tokens: TokenLayout?

  /// - Parameter columns: of the first shard.
  init(_ columns: [MDSIndex.Column], options: CorpusOptions) {
    let ids = Self.idColumn(columns)
    let hasText = columns.contains {
      $0.name == options.textField && ($0.encoding == .text || $0.encoding == .bytes)
    }
    if let kind = options.kind {
      self.kind = kind
    } else if hasText {
      kind = .document
    } else if ids != nil {
      kind = .tokens
    } else {
      kind = columns.count == 1 && columns[0].encoding == .bytes ? .bytes : .document
    }
    guard kind == .tokens, let ids, case .array(let element, let shape) = columns[ids].encoding
    else {
      tokens = nil
      return
    }
    let width: Int
    if case .integer(let type) = element { width = type.idWidth } else { width = 4 }
    tokens = TokenLayout(
      width: width, length: shape?.count == 1 ? shape?[0] : nil,
      hasBoundaries: Self.startsColumn(columns) != nil)
  }

  /// The one column of arrays that can be ids, or the one of them that is called `tokens` or
  /// `input_ids`.
  static func idColumn(_ columns: [MDSIndex.Column]) -> Int? {
    let arrays = columns.indices.filter { index in
      guard case .array(let element, _) = columns[index].encoding else { return false }
      if case .number = element { return false }
      return true
    }
    if arrays.count == 1 { return arrays[0] }
    for name in ["tokens", "input_ids"] {
      if let index = arrays.first(where: { columns[$0].name == name }) { return index }
    }
    return nil
  }

  /// The column of the places where documents start, as `MDSFolderWriter` writes it.
  static func startsColumn(_ columns: [MDSIndex.Column]) -> Int? {
    columns.firstIndex { $0.name == "starts" && $0.encoding == .json }
  }
}
