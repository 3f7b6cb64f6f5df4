/// The layout of a file of metadata columns, in a `CheckedFile`. All numbers are little-endian.
///
/// Header, 32 bytes: `engram-m`, version (4), fields (4), documents (8), ignored members (8).
///
/// Then a record of 64 bytes a field, sorted by name: where its name is (8) and its bytes (4); which
/// booleans it has (4: 1 false, 2 true); its integers (4), other numbers (4) and strings (4); zero (4);
/// its entries (8); where its data is (8); bytes of its strings (8); zero (8).
///
/// Then the names, then each field's data from a multiple of 8 bytes on: integers (8 each), other
/// numbers (8 each, IEEE 754), where each string ends (8 each), the strings, zeros up to a multiple of
/// 8; the document of each entry (4 each, ascending); the value of each entry (4 each): its place
/// among booleans, integers, other numbers and strings, each sorted.
enum MetadataColumnsFormat {
  static let magic = Array("engram-m".utf8)
  static let version: UInt32 = 1
  static let headerBytes = 32
  static let recordBytes = 64
  /// Fields of a file; members of more names are ignored.
  static let fieldLimit = 1024
  /// Bytes of a field's name; members of longer names are ignored.
  static let nameLimit = 4 << 10
  /// Documents of a file.
  static let documentLimit = 1 << 28
  /// Entries of a field.
  static let entryLimit = Int(UInt32.max)

  static func roundedUp(_ count: Int) -> Int { (count + 7) & ~7 }
}
