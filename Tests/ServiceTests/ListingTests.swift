import Foundation
import Retrieval
import Serving
import TestStores
import Testing

@testable import Service

/// What the store has, as the service tells it, and questions to it.
@Suite(.inAProcessOfItsOwn)
struct ListingTests {
  @Test func listsAreThoseOfTheStore() async throws {
    let store = try SharedStore.open().now()
    let expected = [
      "tables": try JSONBody.encode(["tables": TableSummary.all(in: store)]),
      "datasets": try JSONBody.encode(["datasets": DatasetSummary.all(in: store)]),
      "indexes": try JSONBody.encode(["indexes": IndexSummary.all(in: store)]),
    ]
    try await withService { service in
      for (name, json) in expected {
        let answer = try await service.ask("GET", "/v1/\(name)")
        #expect(answer.status == 200 && answer.body == Array(json))
        #expect(answer.headers["content-type"] == "application/json")
        #expect(try await service.ask("GET", "/v1/\(name)?all=1").status == 400)
      }
      let numbers = try await service.ask("GET", "/v1/store").object
      #expect(numbers["version"] as? String == Release.version)
      #expect(
        ["tables", "datasets", "indexes"].map { numbers[$0] as? Int } == [3, 3, 1])
    }
  }

  @Test func aTableIsDescribed() async throws {
    try await withService { service in
      let hashed = try await service.ask("GET", "/v1/tables/hashed")
      #expect(hashed.object["columns"] as? Int == 4)
      #expect(hashed.object["tokenLimit"] as? Int == 500)
      #expect(hashed.object["longest"] as? Int == 3)
      #expect(hashed.object["takesSegments"] as? Bool == true)
      #expect(hashed.object["addressing"] is [String: Any])
      #expect(hashed.headers["engram-table"] == "hashed@1")
      let plain = try await service.ask("GET", "/v1/tables/plain%401")
      #expect(plain.object["rows"] as? Int == ServedStore.plainRows)
      #expect(plain.object["columns"] as? Int == 0)
      #expect(plain.headers["etag"] == "\"\(plain.object["identity"] as? String ?? "")\"")
      let tokens = try await service.ask("GET", "/v1/datasets/tokens")
      #expect(tokens.object["samples"] as? Int == ServedStore.samples)
      #expect((tokens.object["tokens"] as? [String: Any])?["width"] as? Int == 2)
      for path in ["tables/nothing", "tables/plain%402", "datasets/nothing"] {
        let answer = try await service.ask("GET", "/v1/\(path)")
        #expect(answer.status == 404 && answer.code == "not_found", "\(answer.text)")
      }
    }
  }

  @Test func answersAreThoseOfTheIndex() async throws {
    let question = "{\"question\":\"number7 page cache\",\"limit\":4,\"maxTokens\":200}"
    let index = try SearchIndex(
      SharedStore.open().now().publishedIndex(.init(name: "documents")),
      in: SharedStore.open().now())
    let expected = try JSONBody.encode(
      QuestionAnswer(QuestionBody(json: question.utf8), search: Search([index])))
    try await withService { service in
      let answer = try await service.post(
        "/v1/query", json: "{\"datasets\":[\"documents@1\"]," + question.dropFirst())
      #expect(answer.status == 200 && answer.body == Array(expected), "\(answer.text)")
      let passages = try #require(answer.object["passages"] as? [[String: Any]])
      #expect(passages.count == 4 && passages[0]["sample"] as? Int == 7)
      #expect(answer.object["context"] is String)
      for (dataset, status, code) in [
        ("bytes", 404, "not_found"), ("nothing", 404, "not_found"),
      ] {
        let answer = try await service.post(
          "/v1/query", json: "{\"datasets\":[\"\(dataset)\"],\"question\":\"a\"}")
        #expect(answer.status == status && answer.code == code, "\(answer.text)")
      }
      let explained = try await service.post(
        "/v1/explain", json: #"{"memory":"hashed","text":"a"}"#)
      #expect(explained.status == 422 && explained.code == "unprocessable")
      #expect(explained.message.contains("--tokenizer"))
    }
  }

  @Test func healthMetricsPageAndContractAreThere() async throws {
    try await withService { service in
      #expect(try await service.ask("GET", "/healthz").text == "ok\n")
      #expect(try await service.ask("GET", "/readyz").text == "ready\n")
      service.service.state.life.phase.store(.stopping, ordering: .releasing)
      let stopping = try await service.ask("GET", "/readyz")
      #expect(stopping.status == 503 && stopping.text == "stopping\n")
      #expect(try await service.ask("GET", "/healthz").status == 200)
      let contract = try await service.ask("GET", "/openapi.yaml")
      #expect(contract.text == OpenAPIFile.text)
      #expect(contract.headers["content-type"] == "application/yaml")
      let page = try await service.ask("GET", "/")
      #expect(page.text == ServicePage.html)
      #expect(page.headers["content-security-policy"] == ServicePage.policy)
      _ = try await service.post("/v1/tables/plain/rows", bytes([1, 2]))
      #expect(try await service.metric("engram_rows_total{table=\"plain\"}") == 2)
      #expect(
        try await service.metric(
          "engram_requests_total{route=\"/v1/tables/{name}/rows\",method=\"POST\",status=\"200\"}")
          == 1)
      #expect(try await service.metric("engram_requests_in_flight") == 1)
    }
  }
}
