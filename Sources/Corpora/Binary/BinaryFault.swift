import Compression

/// Why a unit cannot be read on; becomes a bad record that ends it.
struct BinaryFault: Error, Hashable, CustomStringConvertible {
  /// What is wrong and what to do, without the place.
  let reason: String

  init(_ reason: String) { self.reason = reason }

  var description: String { reason }

  /// Somebody writes the file.
  static let changed = BinaryFault(
    "it changed while it was read; read it again when nobody writes it")

  /// More bytes are needed than there are.
  static func cutOff(_ what: String, at offset: Int) -> BinaryFault {
    BinaryFault("\(what) is cut off at byte \(offset); copy the file again")
  }
}

/// Text out of a file, made fit for one line: control characters escaped, cut at 200 characters.
func oneLine(_ text: some Sequence<UInt8>) -> String {
  var line = ""
  let decoded = String(decoding: Array(text.prefix(1000)), as: UTF8.self)
  for (count, scalar) in decoded.unicodeScalars.enumerated() {
    if count == 200 { return line + "..." }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      line += "\\u{\(String(scalar.value, radix: 16))}"
    default: line.unicodeScalars.append(scalar)
    }
  }
  return line
}

/// What an error says of a unit, without the unit's path where it would say that again.
func reason(of error: any Error) -> String {
  (error as? CompressionError)?.reason ?? "\(error)"
}
