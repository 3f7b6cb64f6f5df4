import HTTPTypes
import Serving

/// Why a request was refused. Prints as one line.
public enum ServiceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A path's segment that is no text.
  case badPath(String)
  /// A query parameter that means nothing here.
  case unknownParameter(name: String, known: [String])
  /// A value of a query parameter or header that means nothing.
  case badParameter(name: String, found: String, expected: String)
  /// A body whose length fits nothing.
  case badBody(bytes: Int, expected: String)
  /// No token, or another one.
  case unauthorized
  /// There is nothing at this path.
  case noRoute(path: String)
  /// There is, but not for this method.
  case wrongMethod(String, allowed: [String])
  /// The table has another identity than the request asks for.
  case otherVersion(title: String, identity: String)
  /// A body of another type.
  case wrongType(found: String, expected: String)
  /// More bytes than a body may have.
  case bodyTooLarge(limit: Int)
  /// More rows than a request may ask for.
  case tooManyRows(found: Int, limit: Int)
  /// An answer that would be larger than one may be.
  case answerTooLarge(what: String, limit: String)
  /// The service was started without a tokenizer.
  case noTokenizer
  /// The service was started without a context store.
  case noContextStore
  /// The context store knows no namespace of this id.
  case noContextSpace(id: String)
  /// The context store has as many namespaces as it may have.
  case tooManyContextSpaces(limit: Int)
  /// The blocks of a put are more bytes than a body may have.
  case putTooLarge(bytes: Int, limit: Int, blocks: Int)
  /// Something beyond what a group of a context has.
  case outsideGroup(what: String, found: Int, group: String, limit: Int)
  /// Too much is going on.
  case busy
  /// The service ends.
  case stopping
  /// The request did not arrive in time.
  case tooSlow
  /// The answer was not ready in time.
  case outOfTime

  /// One line: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .badPath(let segment):
      "\"\(segment.prefix(64))\" in the path is not percent-encoded UTF-8"
    case .unknownParameter(let name, let known):
      "there is no query parameter \"\(name.prefix(64))\" here; there are: "
        + (known.isEmpty ? "none" : known.joined(separator: ", "))
    case .badParameter(let name, let found, let expected):
      "\(name) is \"\(found.prefix(64))\"; give \(expected)"
    case .badBody(let bytes, let expected): "the body has \(bytes) bytes; give \(expected)"
    case .unauthorized: "give the service's token: Authorization: Bearer TOKEN"
    case .noRoute(let path): "there is nothing at \(path.prefix(128)); see /openapi.yaml"
    case .wrongMethod(let method, let allowed):
      "\(method) means nothing here; give \(allowed.joined(separator: " or "))"
    case .otherVersion(let title, let identity):
      "this is \(title) with the identity \(identity), not the one of If-Match"
    case .wrongType(let found, let expected):
      "the body is \(found.isEmpty ? "of no type" : found.prefix(64).description); give \(expected)"
    case .bodyTooLarge(let limit): "a body has at most \(limit) bytes here; ask in parts"
    case .tooManyRows(let found, let limit):
      "\(found) rows are asked for, a request may ask for \(limit); ask in parts"
    case .answerTooLarge(let what, let limit):
      "\(what) are asked for, a request may ask for \(limit); ask in parts"
    case .noTokenizer:
      "the service has no tokenizer; start it with --tokenizer, the model's tokenizer.json"
    case .noContextStore:
      "this service has no context store; start it with --context, the store's folder"
    case .noContextSpace(let id):
      "the context store has no namespace \(id.prefix(64)); open it with POST /v1/contexts"
    case .tooManyContextSpaces(let limit):
      "the context store has \(limit) namespaces, as many as it may have; use one of them"
    case .putTooLarge(let bytes, let limit, let blocks):
      "these blocks are a body of \(bytes) bytes, a body has at most \(limit) here; "
        + (blocks > 0
          ? "put \(blocks) at once, or start the service with a larger --max-body"
          : "start the service with a larger --max-body")
    case .outsideGroup(let what, let found, let group, let limit):
      "\(what) is \(found); of group \(group) it is at most \(limit)"
    case .busy: "too much is asked at once; ask again in a second"
    case .stopping: "the service ends; ask again when it is back"
    case .tooSlow: "the request did not arrive in time"
    case .outOfTime: "the answer was not ready in time; ask for less"
    }
  }

  /// How it is answered.
  var answer: ErrorAnswer {
    let kind: (HTTPResponse.Status, String) =
      switch self {
      case .badPath, .unknownParameter, .badParameter, .badBody: (.badRequest, "invalid")
      case .unauthorized: (.unauthorized, "unauthorized")
      case .noRoute, .noContextStore, .noContextSpace: (.notFound, "not_found")
      case .wrongMethod: (.methodNotAllowed, "method_not_allowed")
      case .otherVersion: (.conflict, "conflict")
      case .wrongType: (.unsupportedMediaType, "unsupported_media_type")
      case .bodyTooLarge, .tooManyRows, .answerTooLarge, .tooManyContextSpaces, .putTooLarge:
        (.contentTooLarge, "too_large")
      case .outsideGroup: (.unprocessableContent, "out_of_range")
      case .noTokenizer: (.unprocessableContent, "unprocessable")
      case .busy: (.serviceUnavailable, "busy")
      case .stopping: (.serviceUnavailable, "busy")
      case .tooSlow: (.requestTimeout, "timeout")
      case .outOfTime: (.gatewayTimeout, "timeout")
      }
    // Names and values of requests are in it, decoded.
    var answer = ErrorAnswer(
      status: kind.0, code: kind.1, message: ErrorAnswer.line(description))
    switch self {
    case .unauthorized: answer.headers[.wwwAuthenticate] = "Bearer"
    case .wrongMethod(_, let allowed):
      answer.headers[.allow] = allowed.joined(separator: ", ")
    case .busy, .stopping: answer.headers[.retryAfter] = "1"
    default: break
    }
    return answer
  }
}
