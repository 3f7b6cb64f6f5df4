import Files
import Foundation

/// A file of token ids: a JSON list, or numbers between white space or commas.
enum TokenFile {
  /// Reads the ids.
  ///
  /// - Throws: `CommandError` with the first thing that is no token id; `FileError`.
  static func read(_ path: String) throws -> [Int32] {
    let bytes = try DurableFile.read(path, limit: 1 << 28)
    var words = bytes[...]
    while let last = words.last, isSpace(last) { words.removeLast() }
    words = words.drop(while: isSpace)
    if words.first == UInt8(ascii: "["), words.last == UInt8(ascii: "]"), words.count >= 2 {
      words = words.dropFirst().dropLast()
    }
    var tokens: [Int32] = []
    for word in words.split(whereSeparator: { isSpace($0) || $0 == UInt8(ascii: ",") }) {
      let text = String(decoding: word.prefix(24), as: UTF8.self)
      guard let token = Int32(text), token >= 0 else {
        throw CommandError(
          "\(path): place \(tokens.count) is \"\(text)\", which is no token id",
          hint: "give whole numbers from 0 to 2147483647")
      }
      tokens.append(token)
    }
    return tokens
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 32 || (9...13).contains(byte)
  }
}
