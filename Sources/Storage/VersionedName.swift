/// The name of something published, with or without a version: `name` or `name@3`. One rule for
/// tables and datasets.
package struct VersionedName: Hashable, Sendable {
  /// 1 to 200 ASCII letters, digits and `. _ - /`, with no empty part, `.` or `..` between slashes.
  package let name: String
  /// The version asked for; `nil`: the newest.
  package let version: Int?

  /// Reads `name` or `name@version`; `nil` where it is neither.
  package init?(parsing text: String) {
    if let at = text.lastIndex(of: "@") {
      let digits = text[text.index(after: at)...]
      // As it is printed, without a sign or a leading zero: no version has two names.
      guard let version = Int(digits), version > 0, String(version) == digits else { return nil }
      self.version = version
      name = String(text[..<at])
    } else {
      version = nil
      name = text
    }
    guard Self.isName(name) else { return nil }
  }

  /// Whether `name` follows the rule.
  package static func isName(_ name: String) -> Bool {
    let allowed = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: [46, 95, 45, 47].contains(byte)
      }
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return allowed && name.utf8.count <= 200
      && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }
}
