import Files
import Foundation

/// A path as the system knows it: bytes, which need not be UTF-8.
struct SystemPath: Hashable {
  /// Without NUL.
  let bytes: [UInt8]

  init(_ text: String) { bytes = Array(text.utf8.prefix { $0 != 0 }) }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// The path as text; what is not UTF-8 is shown as U+FFFD.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The bytes where `text` does not say them.
  var bytesIfNotText: [UInt8]? { text.utf8.elementsEqual(bytes) ? nil : bytes }

  /// The path of something in this folder; in the working folder where this path is empty.
  func appending(_ name: [UInt8]) -> SystemPath {
    if bytes.isEmpty { return SystemPath(bytes: name) }
    let separator: [UInt8] = bytes.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
    return SystemPath(bytes: bytes + separator + name)
  }

  /// The part behind the last slash, slashes at the end not counted.
  var lastName: [UInt8] {
    let slash = UInt8(ascii: "/")
    let end = bytes.lastIndex { $0 != slash }.map { $0 + 1 } ?? 0
    let start = bytes[..<end].lastIndex(of: slash).map { $0 + 1 } ?? 0
    return Array(bytes[start..<end])
  }

  /// What the file is.
  ///
  /// - Parameter following: whether a link's target is asked about.
  func status(following: Bool = true) throws(FileError) -> stat {
    var status = stat()
    let name = cString
    guard (following ? stat(name, &status) : lstat(name, &status)) == 0 else {
      throw FileError("open", text)
    }
    return status
  }

  /// The names in a folder, without `.` and `..`, sorted by their bytes.
  func names() throws(FileError) -> [[UInt8]] {
    guard let stream = opendir(bytes.isEmpty ? [46, 0] : cString) else {
      throw FileError("list", text)
    }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != [46] && name != [46, 46] { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw FileError("list", text) }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Whether the file can be opened for reading now; only for what is a regular file.
  func checkReadable() throws(FileError) {
    let descriptor = open(cString, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw FileError("open", text) }
    close(descriptor)
  }

  private var cString: [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
}

extension stat {
  var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
  var isFile: Bool { st_mode & S_IFMT == S_IFREG }
  var isLink: Bool { st_mode & S_IFMT == S_IFLNK }

  /// Time of the last change, in nanoseconds since 1970.
  var modified: Int { Int(st_mtim.tv_sec) &* 1_000_000_000 &+ Int(st_mtim.tv_nsec) }
}
