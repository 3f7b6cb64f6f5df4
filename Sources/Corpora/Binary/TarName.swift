/// A member's name as WebDataset takes it apart: `folder/KEY.EXTENSION`, cut at the first dot of
/// the last part.
struct TarName: Hashable {
  /// What the members of one sample share.
  let key: [UInt8]
  /// What comes behind the dot, in lower case; empty where there is no dot.
  let suffix: String

  /// - Throws: `BinaryFault` for a name that leaves the folder in which it would be unpacked.
  init(_ name: [UInt8]) throws(BinaryFault) {
    var path = name[...]
    while path.starts(with: "./".utf8) { path = path.dropFirst(2) }
    guard path.first != UInt8(ascii: "/") else {
      throw BinaryFault("its name is absolute; make the archive again with relative names")
    }
    let parts = path.split(separator: UInt8(ascii: "/"))
    guard let last = parts.last, !parts.contains(where: { $0.elementsEqual("..".utf8) }) else {
      throw BinaryFault(
        "its name has .. in it or nothing; make the archive again with names below its folder")
    }
    // A dot at the front of a name is part of it.
    let dot = last.dropFirst().firstIndex(of: UInt8(ascii: "."))
    key = Array(path[..<(dot ?? path.endIndex)])
    suffix = String(decoding: last[(dot.map { $0 + 1 } ?? last.endIndex)...], as: UTF8.self)
      .lowercased()
  }

  /// Extensions of text, the most telling first.
  private static let textExtensions = [
    "txt", "text", "md", "markdown", "rst", "html", "htm", "tex", "adoc", "org",
  ]

  /// How far a member is from being the text: the least is it; `nil` is none.
  func textRank(_ textField: String) -> Int? {
    if suffix == textField.lowercased() { return -1 }
    let last = suffix.split(separator: ".").last.map(String.init) ?? ""
    return Self.textExtensions.firstIndex(of: last)
  }

  /// Whether a member is a JSON object of metadata.
  var isJSON: Bool { suffix == "json" || suffix.hasSuffix(".json") }
  /// Whether a member is an array of token ids.
  var isArray: Bool { suffix == "npy" || suffix.hasSuffix(".npy") }
}
