import StrictJSON

/// A JSON string's text.
enum JSONString {
  /// - Returns: the UTF-8 of a string in quotes, `nil` where the bytes are none.
  static func text(_ json: [UInt8]) -> [UInt8]? {
    guard let document = try? JSONDocument(json) else { return nil }
    return document.root.string.map { Array($0) }
  }
}
