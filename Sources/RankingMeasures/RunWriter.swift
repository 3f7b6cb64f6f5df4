/// Writes rankings as lines of a TREC run file.
///
///     let writer = RunWriter(tag: "engram")
///     writer.lines(of: ranking)  // "q1 Q0 doc-7 1 12.25 engram\n..."
///
/// White space ends a field, so in ids white space and control characters are written as `%` and
/// two hexadecimal digits for each byte, an empty id as `%`. A `%` that stands in an id stays as
/// it is: ids that are addresses are found in qrels as they stand there. Programs that read runs
/// order by score alone and often hold it in 32 bits: scores are written with that precision,
/// and one that would not be below the score before it is written as the next number below that.
public struct RunWriter: Sendable {
  private let tag: String

  /// A writer of runs of a system.
  public init(tag: String) { self.tag = Self.field(tag) }

  /// One line a document, best first, each with its end; ranks count from 1.
  public func lines(of ranking: Ranking) -> String {
    let question = Self.field(ranking.question)
    var lines = ""
    var above = Float.infinity
    for (index, document) in ranking.documents.enumerated() {
      above = Self.below(above, at: document.score)
      lines += "\(question) Q0 \(Self.field(document.name)) \(index + 1) \(above) \(tag)\n"
    }
    return lines
  }

  /// An id as a field of a line, as a qrels file has to name it, too.
  public static func field(_ name: String) -> String {
    if name.isEmpty { return "%" }
    guard name.unicodeScalars.contains(where: isEncoded) else { return name }
    var field = ""
    for scalar in name.unicodeScalars {
      if isEncoded(scalar) {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
          field += byte < 0x10 ? "%0" : "%"
          field += String(byte, radix: 16, uppercase: true)
        }
      } else {
        field.unicodeScalars.append(scalar)
      }
    }
    return field
  }

  private static func isEncoded(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
  }

  /// The score in 32 bits, below `above`; a number in any case.
  private static func below(_ above: Float, at score: Double) -> Float {
    let least = -Float.greatestFiniteMagnitude
    let near = score.isNaN ? least : Float(score)
    return max(least, min(near, above.nextDown))
  }
}
