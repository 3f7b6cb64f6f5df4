/// Paths that somebody else wrote, to be used below a folder.
enum PathBelow {
  /// Whether a path stays in the folder that it is put behind: relative, without `..`, `.` and
  /// empty parts, without NUL.
  static func isSafe(_ path: String) -> Bool {
    guard !path.isEmpty, path.utf8.count < 4096, !path.utf8.contains(0) else { return false }
    return path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .allSatisfy { part in
        !part.isEmpty && part.count < 256 && !part.elementsEqual(".".utf8)
          && !part.elementsEqual("..".utf8)
      }
  }
}
