extension TrainedModel {
  /// Hidden states of tokens as the host gives them to the fusion, the same for all branches,
  /// [tokens, branches, width].
  ///
  /// - Throws: `TrainingError.mismatch` for a token that the host does not know.
  public func hiddenStates(of tokens: [Int32]) throws -> [Float] {
    let branches = fusion?.shape.branches ?? 1
    var states: [Float] = []
    states.reserveCapacity(tokens.count * branches * host.width)
    for token in tokens {
      guard token >= 0, Int(token) < host.vocabulary else {
        throw TrainingError.mismatch(
          what: "token \(token)", expected: "below \(host.vocabulary)", found: "\(token)")
      }
      let state = UnsafeBufferPointer(
        start: host.embedding.values + Int(token) * host.width, count: host.width)
      for _ in 0..<branches { states.append(contentsOf: state) }
    }
    return states
  }
}
