import Foundation

/// JSON between programs and the store: what comes in is decoded with errors that a person can act
/// on, what goes out has one form.
public enum JSONBody {
  /// Decodes a request.
  ///
  /// - Throws: `RequestError`: which member is wrong, and how.
  public static func decode<Body: Decodable>(_ type: Body.Type, from json: Data) throws -> Body {
    do {
      return try JSONDecoder().decode(type, from: json)
    } catch let error as RequestError {
      throw error
    } catch DecodingError.keyNotFound(let key, _) {
      throw RequestError.malformed(reason: "member \"\(key.stringValue)\" is missing")
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context)
    {
      throw RequestError.malformed(
        reason: "\(place(context.codingPath)) has another type than is asked for")
    } catch DecodingError.dataCorrupted(let context) {
      throw RequestError.malformed(
        reason: context.codingPath.isEmpty
          ? "it is no JSON" : "\(place(context.codingPath)) cannot be read")
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "it" }
    let names = path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue.prefix(64).description }
    return "member \"\(names.joined(separator: "."))\""
  }

  /// Encodes an answer: sorted keys, no spaces; numbers that JSON does not have as `"NaN"`,
  /// `"Infinity"`, `"-Infinity"`.
  public static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return try encoder.encode(value)
  }
}
