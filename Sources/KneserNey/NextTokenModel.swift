import TokenStreams

/// A model that says how probable a token is after the two before it.
public protocol NextTokenModel: Sendable {
  /// Natural logarithm of the probability of `token`, in nats; negative infinity for an id that
  /// the vocabulary does not have.
  ///
  /// - Parameter previous: the token before it.
  /// - Parameter beforePrevious: the one before that; `nil` at the second place of a document.
  func logProbability(of token: Int32, after previous: Int32, _ beforePrevious: Int32?) -> Double
}

extension NextTokenModel {
  /// The loss over every token of a document but the first, which nothing stands before.
  ///
  /// - Complexity: one question to the model a token.
  public func loss(over document: UnsafeBufferPointer<Int32>) -> HeldOutLoss {
    var loss = HeldOutLoss()
    guard document.count > 1 else { return loss }
    for place in 1..<document.count {
      loss.nats -= logProbability(
        of: document[place], after: document[place - 1], place > 1 ? document[place - 2] : nil)
    }
    loss.tokens = document.count - 1
    return loss
  }

  /// The loss over documents, one after another.
  public func loss(over documents: some Sequence<UnsafeBufferPointer<Int32>>) -> HeldOutLoss {
    documents.reduce(into: HeldOutLoss()) { $0 += loss(over: $1) }
  }
}
