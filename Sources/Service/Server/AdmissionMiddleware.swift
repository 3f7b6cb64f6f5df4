import Hummingbird

/// Lets no more requests in than there may be at once.
struct AdmissionMiddleware: RouterMiddleware {
  let state: ServiceState

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    // Health is asked most when there is trouble.
    if HealthRoutes.paths.contains(request.uri.path) { return try await next(request, context) }
    var context = context
    let admission = try state.budget.admit()
    context.admission = admission
    // Those with a body take their place when it is there.
    if request.method != .post { try admission.enter() }
    state.metrics.inFlight.wrappingAdd(1, ordering: .relaxed)
    defer { state.metrics.inFlight.wrappingSubtract(1, ordering: .relaxed) }
    return try await next(request, context)
  }
}
