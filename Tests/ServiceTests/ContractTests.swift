import Foundation
import Testing

@testable import Service

/// The contract that is served is the one of the schema.
struct ContractTests {
  @Test func theServedContractIsTheSchema() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let schema = try String(
      contentsOf: root.appending(path: "Schemas/openapi.yaml"), encoding: .utf8)
    #expect(OpenAPIFile.text == schema, "run Tools/embed-openapi")
  }

  @Test func thePageLoadsNothingFromElsewhere() {
    #expect(!ServicePage.html.contains("src="))
    #expect(!ServicePage.html.contains("innerHTML"))
    #expect(!ServicePage.html.contains("href=\"http"))
    #expect(ServicePage.policy.contains("default-src 'none'"))
    #expect(!ServicePage.policy.contains("unsafe"))
  }
}
