import Foundation

/// Standard input line by line, standard output in large pieces.
enum StandardStreams {
  /// Calls `body` with each line of standard input or of a file (without its newline), and its
  /// number from 1. The bytes are valid only during the call.
  ///
  /// - Parameter path: a file's path, or `-` for standard input.
  static func forEachLine(
    of path: String, _ body: (UnsafeRawBufferPointer, Int) throws -> Void
  ) throws {
    guard let stream = path == "-" ? fdopen(dup(STDIN_FILENO), "r") : fopen(path, "r") else {
      throw CommandError(
        "cannot open \(path): \(String(cString: strerror(errno)))", hint: "check the path")
    }
    defer { fclose(stream) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    var number = 0
    while true {
      var count = getline(&line, &capacity, stream)
      guard count >= 0, let line else { break }
      number += 1
      if count > 0, line[count - 1] == 10 { count -= 1 }
      try body(UnsafeRawBufferPointer(start: line, count: count), number)
    }
    if ferror(stream) != 0 {
      throw CommandError("cannot read \(path): \(String(cString: strerror(errno)))")
    }
  }

  /// Prints a line to standard error, where it disturbs no data.
  static func note(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// Whether a person watches standard error.
  static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }
}

/// An error of the command line itself: one line, what and what to do.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  init(_ what: String, hint: String? = nil) {
    description = hint.map { "\(what); \($0)" } ?? what
  }
}
