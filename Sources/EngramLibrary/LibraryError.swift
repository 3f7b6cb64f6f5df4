import CEngram
import Serving

/// What is wrong with a call, besides what the store says. Prints as one line.
enum LibraryError: Error, Hashable, CustomStringConvertible {
  /// A pointer that must not be NULL.
  case null(String)
  /// Text that is not UTF-8.
  case notUTF8(String)
  /// A number that makes no sense.
  case badNumber(name: String, found: Int64, expected: String)
  /// A handle that is 0, closed, or of another kind.
  case closed(kind: HandleKind)
  /// A handle that this process's parent opened.
  case forked(kind: HandleKind)

  var status: Int {
    switch self {
    case .null, .notUTF8, .badNumber: ENGRAM_INVALID
    case .closed: ENGRAM_CLOSED
    case .forked: ENGRAM_FORKED
    }
  }

  var description: String {
    switch self {
    case .null(let name): "\(name) is NULL"
    case .notUTF8(let name): "\(name) is not UTF-8"
    case .badNumber(let name, let found, let expected): "\(name) is \(found); give \(expected)"
    case .closed(let kind): "this handle is of no open \(kind); it was closed, or never opened"
    case .forked(let kind):
      "this \(kind) was opened before the process forked; open it again in the child"
    }
  }
}

extension Failure {
  var status: Int {
    switch self {
    case .invalid: ENGRAM_INVALID
    case .notFound: ENGRAM_NOT_FOUND
    case .outOfRange: ENGRAM_OUT_OF_RANGE
    case .tooSmall: ENGRAM_TOO_SMALL
    case .corrupt: ENGRAM_CORRUPT
    case .io: ENGRAM_IO
    case .newerFormat: ENGRAM_NEWER_FORMAT
    case .unsupported: ENGRAM_UNSUPPORTED
    case .failed: ENGRAM_FAILED
    }
  }
}

/// Runs the body of a call: its error becomes a status and this thread's message.
func answering(_ body: () throws -> Void) -> engram_status {
  do {
    try body()
    return engram_status(ENGRAM_OK)
  } catch {
    var message = "\(error)"
    message.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        guard let base = $0.baseAddress else { return }
        engram_process_set_error(base, $0.count)
      }
    }
    return engram_status((error as? LibraryError)?.status ?? Failure(error).status)
  }
}
