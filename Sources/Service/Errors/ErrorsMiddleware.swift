import Hummingbird
import Logging

/// Turns every error into an answer, counts and logs every request: the outermost of all.
struct ErrorsMiddleware: RouterMiddleware {
  let state: ServiceState

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    var response: Response
    var failure: String?
    do {
      response = try await next(request, context)
    } catch {
      let answer = answer(to: error, request: request)
      failure = answer.message
      response = answer.response()
      // A client would take a body behind the head that it asked for as the next answer.
      if request.method == .head { response = response.createHeadResponse() }
      state.metrics.recordFailure(error)
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let status = Int(response.status.code)
    state.metrics.recordRequest(
      route: context.endpointPath ?? "", method: request.method.rawValue, status: status,
      seconds: seconds)
    log(request, status: status, seconds: seconds, failure: failure)
    return response
  }

  private func answer(to error: any Error, request: Request) -> ErrorAnswer {
    if let error = error as? HTTPError, error.status == .notFound, error.body == nil {
      return ServiceError.noRoute(path: request.uri.path).answer
    }
    return ErrorAnswer(error)
  }

  private func log(_ request: Request, status: Int, seconds: Double, failure: String?) {
    let level: Logger.Level = status >= 500 && status != 503 ? .error : .info
    guard level >= state.logger.logLevel else { return }
    var metadata: Logger.Metadata = [
      "method": "\(request.method.rawValue)", "path": "\(request.uri.path.prefix(256))",
      "status": "\(status)", "ms": "\((seconds * 1e5).rounded() / 100)",
    ]
    if let failure { metadata["error"] = "\(failure)" }
    state.logger.log(level: level, "request", metadata: metadata)
  }
}
