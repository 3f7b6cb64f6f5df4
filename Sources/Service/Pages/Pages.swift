import HTTPTypes
import Hummingbird
import NIOCore

/// Adds the pages for people, the metrics and the contract.
func addPages(to router: Router<ServiceContext>, state: ServiceState) {
  router.get("/") { _, _ in
    text(
      ServicePage.html, "text/html; charset=utf-8",
      headers: [
        .contentSecurityPolicy: ServicePage.policy, .xContentTypeOptions: "nosniff",
        .referrerPolicy: "no-referrer", .cacheControl: "no-cache",
      ])
  }
  router.get("openapi.yaml") { _, _ in text(OpenAPIFile.text, "application/yaml") }
  router.get("metrics") { _, _ in
    // Reading what the system says of this process may wait.
    let figures = try await state.runBlocking {
      state.metrics.exposition(
        memoryBytes: state.budget.used, refreshes: state.cache.refreshes,
        contexts: state.contexts?.store.statistics)
    }
    return text(figures, Exposition.contentType)
  }
}

/// An answer of text.
private func text(_ text: String, _ type: String, headers: HTTPFields = [:]) -> Response {
  var headers = headers
  headers[.contentType] = type
  return Response(
    status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
}

extension HTTPField.Name {
  /// What a browser tells other sites of where it came from.
  fileprivate static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
