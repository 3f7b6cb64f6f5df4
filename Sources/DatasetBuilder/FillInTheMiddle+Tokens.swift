import Tokenization

extension FillInTheMiddle {
  /// What a person chooses.
  public struct Options: Sendable {
    /// The share of documents that are cut, 0 to 1.
    public var rate: Double
    /// The share of those in suffix-prefix-middle order, 0 to 1.
    public var spmRate: Double
    /// The seed of all decisions.
    public var seed: UInt64
    /// The texts of the prefix, suffix and middle markers; `nil`: those that the vocabulary has.
    public var markers: [String]?

    /// Choices.
    public init(rate: Double, spmRate: Double = 0.5, seed: UInt64 = 0, markers: [String]? = nil) {
      self.rate = rate
      self.spmRate = spmRate
      self.seed = seed
      self.markers = markers
    }
  }

  /// Markers of published vocabularies: prefix, suffix, middle.
  private static let known = [
    ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"],  // DeepSeek
    ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"],  // Qwen
    ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"],  // StarCoder
  ]

  /// A rule with the markers of a tokenizer.
  ///
  /// - Throws: `IngestError.badOption` where the vocabulary lacks them.
  init(_ options: Options, tokenizer: Tokenizer) throws {
    func ids(_ texts: [String]) -> [Int32]? {
      let found = texts.compactMap { tokenizer.id(for: $0) }
      return found.count == 3 && texts.count == 3 ? found : nil
    }
    let choices = options.markers.map { [$0] } ?? Self.known
    guard let markers = choices.lazy.compactMap(ids).first else {
      throw IngestError.badOption(
        options.markers == nil
          ? "the tokenizer has no known fill-in-the-middle markers; name them with --fim-tokens"
          : "--fim-tokens takes three tokens of the vocabulary: prefix, suffix and middle marker")
    }
    try self.init(
      rate: options.rate, spmRate: options.spmRate, seed: options.seed,
      markers: Markers(
        prefix: Int(markers[0]), suffix: Int(markers[1]), middle: Int(markers[2])))
  }

  /// Appends the tokens of a document, cut or not.
  ///
  /// - Parameter text: UTF-8.
  /// - Parameter sample: the document's number.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, sample: Int, with tokenizer: Tokenizer,
    into ids: inout [Int32]
  ) throws(TokenizationError) {
    for piece in pieces(of: UnsafeRawBufferPointer(text), sample: sample) {
      switch piece {
      case .marker(let marker): ids.append(Int32(markers[marker]))
      case .text(let range):
        try tokenizer.encode(utf8: UnsafeBufferPointer(rebasing: text[range]), into: &ids)
      }
    }
  }
}
