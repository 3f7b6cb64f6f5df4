import Compression
import StrictJSON

/// Whether a `.json` file is JSON lines and not one JSON value, as those in source trees are.
enum JSONLinesGuess {
  /// The most bytes that are looked at.
  static let headBytes = 4 << 20

  /// It is where its first line is an object with a text, and its next line is not something else.
  static func isJSONLines(
    _ path: SystemPath, _ compression: CompressionFormat, textField: String
  ) -> Bool {
    guard
      let source = try? SourceFile(
        path: path.text, systemPath: path.bytesIfNotText, compression: compression)
    else { return false }
    var head: [UInt8] = []
    var window = 1 << 16
    while true {
      let wanted = window - head.count
      guard
        let more = try? [UInt8](
          unsafeUninitializedCapacity: wanted,
          initializingWith: { $1 = try source.fill(UnsafeMutableRawBufferPointer($0)) })
      else { return false }
      head += more
      let isWhole = more.count < wanted
      if let answer = answer(head, isWhole: isWhole, textField: textField) { return answer }
      guard !isWhole, window < headBytes else { return false }
      window *= 4
    }
  }

  /// - Returns: `nil` where more of the file has to be seen.
  private static func answer(_ head: [UInt8], isWhole: Bool, textField: String) -> Bool? {
    let lines = head.split(
      separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: true)
    guard let first = lines.first, first.contains(where: { !isSpace($0) }) else {
      return isWhole ? false : nil
    }
    guard first.first(where: { !isSpace($0) }) == UInt8(ascii: "{") else { return false }
    let isEnded = first.endIndex < head.endIndex || isWhole
    guard isEnded else { return nil }
    guard let document = try? JSONDocument(Array(first)), let members = document.root.members,
      members.contains(where: { $0.name.elementsEqual(textField.utf8) && $0.value.string != nil })
    else { return false }
    guard let next = lines.dropFirst().first?.first(where: { !isSpace($0) }) else { return true }
    return next == UInt8(ascii: "{")
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }
}
