import Hummingbird

/// All routes of the service, as `Schemas/openapi.yaml` says.
enum ServiceRouter {
  static func make(state: ServiceState, token: ServiceToken?) -> Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: ErrorsMiddleware(state: state))
    router.add(middleware: TokenMiddleware(token: token))
    router.add(middleware: AdmissionMiddleware(state: state))
    HealthRoutes.add(to: router, state: state)
    addTableRoutes(to: router, state: state)
    addJSONRoutes(to: router, state: state)
    addContextRoutes(to: router, state: state)
    addPages(to: router, state: state)
    refuseOtherMethods(of: router)
    return router
  }

  /// All that the parser of requests knows.
  private static let otherMethods = """
    GET HEAD POST PUT DELETE PATCH OPTIONS TRACE CONNECT QUERY ACL BIND CHECKOUT COPY LINK LOCK \
    MSEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY PROPFIND PROPPATCH PURGE REBIND REPORT \
    SEARCH SOURCE SUBSCRIBE UNBIND UNLINK UNLOCK UNSUBSCRIBE
    """.split(separator: " ")

  /// Answers methods that a path does not have with those that it has.
  private static func refuseOtherMethods(of router: Router<ServiceContext>) {
    let methods = otherMethods.compactMap { HTTPRequest.Method(String($0)) }
    let byPath = Dictionary(grouping: router.routes, by: \.path.description)
    for routes in byPath.values {
      var allowed = routes.map(\.method)
      if allowed.contains(.get), !allowed.contains(.head) { allowed.append(.head) }
      let names = allowed.map(\.rawValue).sorted()
      for method in methods where !allowed.contains(method) {
        router.on(routes[0].path, method: method) { request, _ -> Response in
          throw ServiceError.wrongMethod(request.method.rawValue, allowed: names)
        }
      }
    }
  }
}
