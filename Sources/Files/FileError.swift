import Foundation

/// What can go wrong with a file: which call, on which path, and the system's reason.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being done, as a verb phrase: "open", "write 65536 bytes at 0 of".
  public let operation: String
  /// The file or folder it was done to.
  public let path: String
  /// The system's error number, as in `errno.h`.
  public let code: Int32

  /// An error with a number of its own.
  public init(operation: String, path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// An error with the number that the last failed system call of this thread left.
  public init(_ operation: String, _ path: String) {
    self.init(operation: operation, path: path, code: errno)
  }

  /// One line: what, where, why, and what to do where that is known.
  public var description: String {
    "cannot \(operation) \(shownPath): \(String(cString: strerror(code)))\(advice)"
  }

  /// The path in one line: whoever chose the name may have put control characters there.
  private var shownPath: String {
    guard path.unicodeScalars.contains(where: Self.breaksLine) else { return path }
    return path.unicodeScalars.map {
      Self.breaksLine($0) ? "\\u{\(String($0.value, radix: 16))}" : String($0)
    }.joined()
  }

  private static func breaksLine(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  private var advice: String {
    switch code {
    case ENOSPC, EDQUOT: "; free some space there and run the command again, nothing was lost"
    case EMFILE, ENFILE: "; raise the limit of open files (ulimit -n)"
    case EACCES, EPERM, EROFS: "; check who may read and write it"
    default: ""
    }
  }
}
