/// The lines of a TREC file, cut into fields at white space as C does: space, tab, vertical tab,
/// form feed, carriage return. Lines that are empty or only white space are left out.
///
/// Ids may be anything but white space, so a field is kept as it stands; only UTF-8 is asked for.
struct TrecLines {
  /// Named in errors.
  let file: String
  let bytes: [UInt8]

  /// Calls `body` with each line's number, from 1, and its fields.
  ///
  /// - Throws: `RankingFileError.notUTF8`, and what `body` throws.
  /// - Complexity: O(bytes) time; memory for one line.
  func forEach(_ body: (_ line: Int, _ fields: [String]) throws -> Void) throws {
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var number = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      number += 1
      let fields = try bytes[start..<end].split(whereSeparator: Self.isWhiteSpace).map { field in
        guard let text = String(validating: field, as: UTF8.self) else {
          throw RankingFileError.notUTF8(file: file, line: number)
        }
        return text
      }
      if !fields.isEmpty { try body(number, fields) }
      start = end + 1
    }
  }

  private static func isWhiteSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}
