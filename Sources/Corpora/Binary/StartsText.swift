import StrictJSON

/// The places where documents start, as a JSON array.
enum StartsText {
  /// - Throws: `BinaryFault` for anything but an array of whole numbers, none negative.
  static func read(_ json: [UInt8]) throws -> [Int] {
    guard let elements = try JSONDocument(json).root.elements else { throw BinaryFault("no array") }
    return try elements.map { value in
      guard let place = value.integer, place >= 0 else { throw BinaryFault("no place") }
      return place
    }
  }
}
