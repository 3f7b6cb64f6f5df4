import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Serving

/// An error as clients see it: a status and `{"error":{"code":"..","message":".."}}`.
struct ErrorAnswer: Sendable {
  var status: HTTPResponse.Status
  var code: String
  var message: String
  var headers: HTTPFields = [:]

  init(status: HTTPResponse.Status, code: String, message: String) {
    self.status = status
    self.code = code
    self.message = message
  }

  /// What an error is answered with.
  init(_ error: any Error) {
    if let error = error as? ServiceError {
      self = error.answer
      return
    }
    if error is HTTPParserError {
      // Of a body in chunks; heads are refused before anybody is asked.
      self.init(
        status: .badRequest, code: Self.code(.badRequest), message: "the body is not HTTP: \(error)"
      )
      return
    }
    if error is IOError || error is ChannelError {
      // Nobody is there to read it any more; it is no failure of the service.
      self.init(
        status: .badRequest, code: Self.code(.badRequest),
        message: "the client closed the connection before its request's end")
      return
    }
    if let error = error as? any HTTPResponseError {
      self.init(
        status: error.status, code: Self.code(error.status),
        message: (error as? HTTPError)?.body ?? error.status.reasonPhrase)
      return
    }
    let kind: (HTTPResponse.Status, String) =
      switch Failure(error) {
      case .invalid: (.badRequest, "invalid")
      case .notFound: (.notFound, "not_found")
      case .outOfRange: (.unprocessableContent, "out_of_range")
      case .unsupported: (.unprocessableContent, "unsupported")
      case .corrupt: (.internalServerError, "corrupt")
      case .tooSmall, .io, .newerFormat, .failed: (.internalServerError, "failed")
      }
    self.init(status: kind.0, code: kind.1, message: Self.line("\(error)"))
  }

  private static func code(_ status: HTTPResponse.Status) -> String {
    switch status.code {
    case 401: "unauthorized"
    case 404: "not_found"
    case 405: "method_not_allowed"
    case 408, 504: "timeout"
    case 409: "conflict"
    case 413: "too_large"
    case 415: "unsupported_media_type"
    case 422: "unprocessable"
    case 429, 503: "busy"
    case 400..<500: "invalid"
    default: "failed"
    }
  }

  /// One line of printable text, of bounded length: what a client put into it can neither begin another
  /// line of a log nor speak to a terminal that shows it.
  static func line(_ text: String) -> String {
    String(text.prefix(1000).map { $0.isNewline || isControl($0) ? " " : $0 })
  }

  private static func isControl(_ character: Character) -> Bool {
    character.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  private struct Body: Encodable {
    struct Content: Encodable {
      var code: String
      var message: String
    }
    var error: Content
  }

  /// The body.
  var json: [UInt8] {
    (try? JSONBody.encode(Body(error: .init(code: code, message: message)))).map { [UInt8]($0) }
      ?? []
  }

  /// The answer.
  func response() -> Response {
    var headers = headers
    headers[.contentType] = "application/json"
    return Response(
      status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: json)))
  }
}
