import HTTPTypes
import Hummingbird
import MemoryExplanation
import NIOCore
import Retrieval
import Serving

/// Questions to indexes, and explanations of memories.
struct QuestionRoutes: Sendable {
  let state: ServiceState

  /// `POST /v1/query`.
  @Sendable func query(_ request: Request, _ context: ServiceContext) async throws -> Response {
    try Query.refuseAll(request.uri.query)
    let body = try await JSONRequests(limits: state.limits).collect(request, context)
    return try await state.runBlocking { [state] in
      let asked = try JSONBody.decode(QueryBody.self, from: body)
      let indexes = try asked.datasets.map { try state.index($0) }
      let tokenizer = indexes.lazy.compactMap(\.manifest.options.tokenizer).first
        .flatMap(state.tokenizer(identity:))
      return try .json(
        QuestionAnswer(
          asked.question, search: Search(indexes), tokenizer: tokenizer ?? state.tokenizers.first))
    }
  }

  /// `POST /v1/explain`.
  @Sendable func explain(_ request: Request, _ context: ServiceContext) async throws -> Response {
    try Query.refuseAll(request.uri.query)
    let body = try await JSONRequests(limits: state.limits).collect(request, context)
    let isPage = JSONRequests.accepts("text/html", in: request.headers[.accept])
    return try await state.runBlocking { [state] in
      let asked = try JSONBody.decode(ExplainBody.self, from: body)
      let explanation = try ExplanationMaking(state: state).explain(asked)
      guard isPage else { return try .json(explanation) }
      return Response(
        status: .ok,
        headers: [
          .contentType: "text/html; charset=utf-8", .contentSecurityPolicy: ExplanationPage.policy,
          .xContentTypeOptions: "nosniff",
        ],
        body: .init(byteBuffer: ByteBuffer(string: try ExplanationPage(explanation).html())))
    }
  }
}

extension ExplanationPage {
  /// What a browser lets the page do: its own styles and script, and nothing of the network.
  fileprivate static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
}
