import Samples

/// How an array of token ids is cut into samples.
struct NpyArray: Hashable {
  /// The array's head.
  let header: NpyHeader
  /// Tokens of every sample but the last.
  let length: Int
  /// Samples of the array.
  let samples: Int

  /// Cuts an array.
  ///
  /// - Parameter sequenceLength: of an array of one dimension; `nil`: it is one sample.
  init(_ header: NpyHeader, sequenceLength: Int?) {
    self.header = header
    if header.shape.count == 2 {
      samples = header.shape[0]
      length = max(1, header.shape[1])
    } else {
      let tokens = header.shape[0]
      length = max(1, sequenceLength ?? tokens)
      samples = tokens / length + (tokens % length == 0 ? 0 : 1)
    }
  }

  /// Bytes of a sample in the file, but of the last.
  var sampleBytes: Int { length * header.type.size }

  /// Tokens of a sample.
  func tokens(of sample: Int) -> Int { min(length, header.elements - sample * length) }

  /// How the samples' ids lie: all of one length, where they are.
  func layout(sequenceLength: Int?) -> TokenLayout {
    let isEven = header.elements % length == 0
    let isCut = header.shape.count == 2 || sequenceLength != nil
    return TokenLayout(width: header.type.idWidth, length: isEven && isCut ? length : nil)
  }
}
