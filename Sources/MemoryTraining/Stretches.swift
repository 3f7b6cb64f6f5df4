/// The neighbouring tokens that a batch is made of: documents cut into pieces.
struct Stretches: Sendable {
  /// Some neighbouring tokens of a document, each of which predicts the next one.
  struct Stretch: Sendable, Hashable {
    /// The document's number.
    var document: Int
    /// The first token's place in the document.
    var start: Int
    /// Tokens that predict.
    var count: Int
  }

  /// Where each document's stretches begin, and their number.
  private let firsts: [Int]
  private let lengths: [Int]
  private let length: Int

  /// Cuts every document of a part into stretches of at most `length` tokens.
  init(_ part: TokenCorpus.Part, length: Int) {
    self.length = length
    lengths = (0..<part.documents).map { max(0, part.starts[$0 + 1] - part.starts[$0] - 1) }
    var firsts = [0]
    for count in lengths { firsts.append(firsts[firsts.count - 1] + (count + length - 1) / length) }
    self.firsts = firsts
  }

  /// Stretches in all.
  var count: Int { firsts[firsts.count - 1] }

  /// A stretch by number, in the corpus's order.
  subscript(_ number: Int) -> Stretch {
    var (low, high) = (0, lengths.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if firsts[middle] <= number { low = middle } else { high = middle - 1 }
    }
    let start = (number - firsts[low]) * length
    return Stretch(document: low, start: start, count: min(length, lengths[low] - start))
  }
}
