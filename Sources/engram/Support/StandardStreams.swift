import Files
@preconcurrency import Foundation

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

  /// Writes bytes to standard output, after what was printed before.
  ///
  /// - Throws: `FileError`, e.g. where the disk behind it is full.
  static func write(_ bytes: UnsafeRawBufferPointer) throws {
    try flushOutput()
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Foundation.write(
        STDOUT_FILENO, rest.base.baseAddress! + rest.startIndex, rest.count)
      if written < 0, errno == EINTR { continue }
      guard written >= 0 else { throw FileError("write to", "standard output") }
      rest = rest.dropFirst(written)
    }
  }

  /// Hands what was printed to the system. Without this a full disk would go unnoticed: the
  /// standard library's `print` reports nothing.
  static func flushOutput() throws {
    guard fflush(stdout) == 0, ferror(stdout) == 0 else {
      throw FileError("write to", "standard output")
    }
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
