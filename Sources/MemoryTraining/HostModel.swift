import Files
import Foundation

/// The small language model that a memory is trained with: an embedding of the current token is its
/// whole hidden state, and a linear layer over the vocabulary predicts the next one. It is small on
/// purpose: what a model knows beyond pairs of tokens, the memory has to know.
final class HostModel: @unchecked Sendable {
  /// Token ids.
  let vocabulary: Int
  /// Width of a hidden state, D.
  let width: Int
  /// [vocabulary, D]: the hidden state of a token.
  let embedding: UpdatableRows
  /// [vocabulary, D]: the weights of each token's logit.
  let output: UpdatableRows
  /// [vocabulary, 1]: added to each token's logit.
  let bias: UpdatableRows

  /// A host whose numbers are all zero.
  init(vocabulary: Int, width: Int) throws(FileError) {
    self.vocabulary = vocabulary
    self.width = width
    embedding = try UpdatableRows(count: vocabulary, dimension: width)
    output = try UpdatableRows(count: vocabulary, dimension: width)
    bias = try UpdatableRows(count: vocabulary, dimension: 1)
  }

  /// Sets each bias to the logarithm of the token's frequency: a host that has learned nothing yet
  /// is a unigram model.
  func setBias(counts: [Int]) {
    let total = Double(counts.reduce(0, +))
    for (token, count) in counts.enumerated() {
      bias.values[token] = Float(
        log((Double(count) + 0.1) / (total + 0.1 * Double(vocabulary))))
    }
  }

  /// The parts, in the order of files.
  var parts: [(name: String, rows: UpdatableRows)] {
    [("embedding", embedding), ("output", output), ("bias", bias)]
  }
}
