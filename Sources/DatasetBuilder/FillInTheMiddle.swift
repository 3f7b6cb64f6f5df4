import SeededRandom

/// Turns documents, some of them, into exercises of filling a gap: a document is cut into prefix,
/// middle and suffix, and the middle is moved to the end.
///
///     let fim = try FillInTheMiddle(rate: 0.5, seed: 7, markers: .init(prefix: 1, suffix: 2, middle: 3))
///     for piece in fim.pieces(of: text, sample: 12) {
///       switch piece {
///       case .marker(let marker): tokens.append(fim.markers[marker])
///       case .text(let range): tokens += encode(text[range])
///       }
///     }
///
/// Source: M. Bavarian et al., "Efficient training of language models to fill in the middle",
/// arXiv 2207.14255, section 3 (document level, cut at characters; PSM and SPM, the latter in its
/// second form, which shares its markers with PSM). The pieces are encoded one by one, as there.
/// `Schemas/fill-in-the-middle.md` has the rule bit for bit.
public struct FillInTheMiddle: Hashable, Sendable {
  /// What parts the pieces.
  public enum Marker: Hashable, Sendable, CaseIterable {
    /// Before the prefix.
    case prefix
    /// Before the suffix.
    case suffix
    /// Before the middle.
    case middle
  }

  /// The token ids of the markers.
  public struct Markers: Hashable, Sendable {
    /// Token ids.
    public let prefix, suffix, middle: Int

    /// The token ids of the markers.
    public init(prefix: Int, suffix: Int, middle: Int) {
      self.prefix = prefix
      self.suffix = suffix
      self.middle = middle
    }

    /// The token id of a marker.
    public subscript(marker: Marker) -> Int {
      switch marker {
      case .prefix: prefix
      case .suffix: suffix
      case .middle: middle
      }
    }
  }

  /// A part of a document as it is trained on.
  public enum Piece: Hashable, Sendable {
    /// A marker's token.
    case marker(Marker)
    /// These bytes of the text; never none.
    case text(Range<Int>)
  }

  /// The part of documents that are cut, 0 to 1.
  public let rate: Double
  /// The part of those that are in suffix-prefix-middle order, 0 to 1.
  public let spmRate: Double
  /// The seed of all decisions.
  public let seed: UInt64
  /// The token ids of the markers.
  public let markers: Markers

  /// A rule for cutting documents.
  ///
  /// - Throws: `FillInTheMiddleError.rateOutOfRange` where a rate is not in 0...1.
  public init(
    rate: Double, spmRate: Double = 0.5, seed: UInt64, markers: Markers
  ) throws(FillInTheMiddleError) {
    for (name, rate) in [("rate", rate), ("SPM rate", spmRate)] where !(0...1 ~= rate) {
      throw .rateOutOfRange(name: name, found: "\(rate)")
    }
    self.rate = rate
    self.spmRate = spmRate
    self.seed = seed
    self.markers = markers
  }

  /// The pieces of a document in the order in which they are trained on: every byte once.
  ///
  /// - Parameter sample: the document's number; the cut follows from it, the seed and the text's
  ///   bytes.
  /// - Returns: the whole text as one piece where it is not cut; nothing for an empty text.
  public func pieces(of text: UnsafeRawBufferPointer, sample: Int) -> [Piece] {
    guard !text.isEmpty else { return [] }
    var seeds = SeededGenerator(seed: seed)
    var samples = SeededGenerator(seed: seeds.next() ^ UInt64(bitPattern: Int64(sample)))
    var random = SeededGenerator(seed: samples.next())
    guard Self.fraction(&random) < rate else { return [.text(0..<text.count)] }
    let suffixFirst = Self.fraction(&random) < spmRate
    let first = Self.boundary(of: text, &random)
    let second = Self.boundary(of: text, &random)
    let prefix = Piece.text(0..<min(first, second))
    let middle = Piece.text(min(first, second)..<max(first, second))
    let suffix = Piece.text(max(first, second)..<text.count)
    let pieces: [Piece] =
      suffixFirst
      ? [.marker(.prefix), .marker(.suffix), suffix, .marker(.middle), prefix, middle]
      : [.marker(.prefix), prefix, .marker(.suffix), suffix, .marker(.middle), middle]
    return pieces.filter { piece in
      if case .text(let range) = piece { !range.isEmpty } else { true }
    }
  }

  /// From 0 up to, not including, 1, in steps of 2^-53.
  private static func fraction(_ random: inout SeededGenerator) -> Double {
    Double(random.next() >> 11) * 0x1p-53
  }

  /// A byte offset from 0 to the text's end, moved back to where a character of UTF-8 starts.
  private static func boundary(
    of text: UnsafeRawBufferPointer, _ random: inout SeededGenerator
  ) -> Int {
    var offset = Int(random.next().multipliedFullWidth(by: UInt64(text.count) + 1).high)
    var steps = 0
    while offset > 0, offset < text.count, text[offset] & 0xC0 == 0x80, steps < 3 {
      offset -= 1
      steps += 1
    }
    return offset
  }
}

/// Why documents cannot be cut as asked. Prints as one line: what, and what to do.
public enum FillInTheMiddleError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A rate is no part of documents.
  case rateOutOfRange(name: String, found: String)

  /// One line: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .rateOutOfRange(let name, let found):
      "the fill-in-the-middle \(name) is \(found); give a number from 0 to 1"
    }
  }
}
