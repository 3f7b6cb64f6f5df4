import TestCheckpoints
import Testing

@testable import Service

/// Requests about contexts that make no sense, or are over a limit, are refused by a clear status.
@Suite(.inAProcessOfItsOwn, .serialized)
struct ContextRefusalTests {
  /// A verb and query, a body, and what is answered: a status, a code, and a word of what is said.
  private static let refused: [(String, [UInt8], Int, String, String)] = [
    ("lookup", [1, 2, 3], 400, "invalid", "a multiple of 4"),
    ("lookup?keys=1", [1, 2, 3, 4], 400, "invalid", "a multiple of 32"),
    ("lookup?keys=2", [], 400, "invalid", "0 to 1"), ("lookup?keys=+1", [], 400, "invalid", "keys"),
    ("lookup?group=latent", [], 400, "invalid", "there are: keys"),
    ("lookup?keys=0&keys=1", [], 400, "invalid", "once"),
    (
      "lookup", Array(bytes([-1] as [Int32])) + bytes(Array(repeating: Int32(1), count: 15)), 422,
      "out_of_range", "below 0"
    ),
    ("get", [], 400, "invalid", "group"),
    ("get?group=window", [], 400, "invalid", "latent or indexer"),
    ("get?group=latent&first_layer=4", [], 422, "out_of_range", "first_layer is 4"),
    ("get?group=latent&first_layer=1&layers=3", [], 422, "out_of_range", "at most 2"),
    ("get?group=latent&layers=9223372036854775807", [], 422, "out_of_range", "layers"),
    ("get?group=latent&layers=9223372036854775808", [], 400, "invalid", "layers"),
    ("get?group=latent&first_block=-1", [], 400, "invalid", "first_block"),
    ("get?group=latent&blocks=1.5", [], 400, "invalid", "blocks"),
    ("get?group=%FF", [], 400, "invalid", "percent-encoded"),
    ("gather?group=latent&tokens=0", [], 400, "invalid", "layer"),
    ("gather?group=latent&layer=0", [], 400, "invalid", "how many tokens"),
    ("gather?group=latent&layer=3&tokens=0", [], 422, "out_of_range", "layer is 3"),
    ("gather?group=latent&layer=0&tokens=1", [], 400, "invalid", "row numbers"),
    ("gather?group=latent&layer=0&tokens=1", [1, 2, 3, 4, 5], 400, "invalid", "row numbers"),
    ("gather?group=latent&layer=0&tokens=9223372036854775807", [0], 400, "invalid", "tokens of 4"),
    ("put?tokens=16", [], 400, "invalid", "groups"),
    ("put?tokens=16&groups=latent,none", [], 400, "invalid", "latent or indexer"),
    ("put?tokens=16&groups=latent,latent", [], 400, "invalid", "each group once"),
    ("put?tokens=16&groups=latent,", [], 400, "invalid", "groups"),
    ("put?tokens=17&groups=latent", [], 400, "invalid", "a multiple of 16"),
    ("put?tokens=0&groups=latent", [], 400, "invalid", "tokens"),
    ("put?tokens=16&first_block=1&groups=latent", [], 400, "invalid", "0 to 0"),
    ("put?tokens=16&groups=indexer", [0], 400, "invalid", "indexer [40, 4, 36]"),
    ("put?tokens=16&groups=indexer&durability=maybe", [], 400, "invalid", "durable or relaxed"),
    ("put?tokens=9223372036854775807&groups=indexer", [], 413, "too_large", "--max-body"),
    ("pin", [], 400, "invalid", "seconds"), ("pin?seconds=-1", [], 400, "invalid", "seconds"),
    ("pin?seconds=nan", [], 400, "invalid", "seconds"),
    ("pin?seconds=1e300", [], 400, "invalid", "seconds"),
    ("prefetch?group=latent&first_layer=2&layers=2", [], 422, "out_of_range", "layers"),
    ("nothing", [], 404, "not_found", "/openapi.yaml"),
  ]

  @Test func whatMakesNoSenseIsRefused() async throws {
    try await withContexts { service in
      let client = try await ContextClient(service)
      for (path, body, status, code, word) in Self.refused {
        let answer = try await service.post("/v1/contexts/\(client.id)/\(path)", body)
        #expect(answer.status == status && answer.code == code, "\(path): \(answer.text)")
        #expect(answer.message.contains(word), "\(path): \(answer.message)")
      }
      let typed = try await service.ask(
        "POST", "/v1/contexts/\(client.id)/lookup", ["Content-Type": "text/plain"], body: [])
      #expect(typed.status == 415)
      let json = try await service.post(
        "/v1/contexts/\(client.id)/put?tokens=16&groups=latent", json: "{}")
      #expect(json.status == 415)
      for id in [String(repeating: "0", count: 64), "x", "%FF", client.id.uppercased()] {
        let answer = try await service.post("/v1/contexts/\(id)/lookup", [])
        #expect(answer.status == (id == "%FF" ? 400 : 404), "\(answer.text)")
      }
      #expect(try await service.ask("GET", "/v1/contexts/\(client.id)/lookup").status == 405)
    }
  }

  @Test(arguments: [
    ("", "no JSON"), ("[]", "has another type"), ("{}", "model"), ("{\"model\":\"m\"}", "groups"),
    ("{\"model\":\"m\",\"groups\":[]}", "1 to 32"),
    ("{\"model\":\"m\",\"groups\":[{\"name\":\"a b\",\"layers\":1,\"row_bytes\":1}]}", "name"),
    ("{\"model\":\"m\",\"groups\":[{\"name\":\"a\",\"layers\":0,\"row_bytes\":1}]}", "layers"),
    ("{\"model\":\"m\",\"groups\":[{\"name\":\"a\",\"layers\":1,\"row_bytes\":1}],\"x\":1}", "x"),
    (
      "{\"model\":\"m\",\"groups\":[{\"name\":\"a\",\"layers\":1,\"row_bytes\":1}],\"lifetimes\":3}",
      "lifetimes"
    ),
    (
      "{\"model\":\"m\",\"groups\":[{\"name\":\"a\",\"layers\":1,\"row_bytes\":1}],"
        + "\"lifetimes\":{\"b\":3}}", "b"
    ),
    (
      "{\"model\":\"m\",\"groups\":[{\"name\":\"a\",\"layers\":1,\"row_bytes\":1}],"
        + "\"lifetimes\":{\"a\":0}}", "lifetime"
    ),
    (
      "{\"model\":\"m\",\"groups\":[{\"name\":\"a\",\"layers\":4096,\"row_bytes\":1024}]}",
      "capacity"
    ),
  ])
  func aDescriptionThatMakesNoSenseOpensNothing(json: String, word: String) async throws {
    try await withContexts { service in
      let answer = try await service.post("/v1/contexts", json: json)
      #expect((400...422).contains(answer.status), "\(answer.text)")
      #expect(answer.message.contains(word), "\(answer.message)")
      #expect(try await service.ask("GET", "/v1/store").number("contexts") == 0)
    }
  }

  @Test(arguments: [
    ("{\"tokens\":[1.5]}", "tokens"), ("{\"tokens\":[2147483648]}", "0 to 2147483647"),
    ("{\"tokens\":[0,-1]}", "0 to 2147483647"),
    ("{\"keys\":[\"00\"]}", "64 hexadecimal"), ("{}", "one of them"),
    ("{\"tokens\":[],\"keys\":[]}", "one of them"),
    ("{\"tokens\":[],\"keys\":null}", "one of them"),
    ("{\"tokens\":null}", "tokens"), ("{\"token\":[]}", "token"),
    ("{\"keys\":[\"\(String(repeating: "é", count: 32))\"]}", "64 hexadecimal"),
  ])
  func blocksInJSONThatMakeNoSenseAreRefused(json: String, word: String) async throws {
    try await withContexts { service in
      let client = try await ContextClient(service)
      let path = "/v1/contexts/\(client.id)/"
      for verb in ["lookup", "get?group=latent", "clear", "pin?seconds=1", "prefetch?group=latent"]
      {
        let answer = try await service.post(path + verb, json: json)
        #expect(answer.status == 400 && answer.message.contains(word), "\(verb): \(answer.text)")
      }
      let keys = try await service.post(path + "lookup?keys=1", json: "{\"keys\":[]}")
      #expect(keys.status == 400 && keys.message.contains("of the JSON"))
    }
  }

  @Test func withoutAContextStoreTheRoutesSaySo() async throws {
    try await withService { service in
      let id = String(repeating: "0", count: 64)
      var answers = [
        try await service.ask("GET", "/v1/contexts"),
        try await service.post("/v1/contexts", json: "{}"),
      ]
      for verb in [
        "lookup", "put?tokens=1&groups=a", "get?group=a", "gather?group=a&layer=0&tokens=0",
        "prefetch?group=a", "pin?seconds=1", "clear",
      ] {
        answers.append(try await service.post("/v1/contexts/\(id)/\(verb)", []))
      }
      for answer in answers {
        #expect(answer.status == 404 && answer.code == "not_found")
        #expect(answer.message.contains("this service has no context store"))
        #expect(answer.message.contains("--context"))
      }
      #expect(try await service.ask("GET", "/v1/store").number("contexts") == nil)
      #expect(try await !service.ask("GET", "/metrics").text.contains("engram_context"))
    }
  }

  @Test func namespacesAreNoMoreThanThereMayBe() async throws {
    try await withContexts {
      $0.limits.contextSpaces = 3
    } _: { service in
      for model in ["a", "b", "c", "b"] { _ = try await ContextClient(service, model: model) }
      let answer = try await service.post(
        "/v1/contexts",
        json: ContextClient.description(
          model: "d", blockTokens: 16, groups: ContextClient.groups))
      #expect(answer.status == 413 && answer.code == "too_large", "\(answer.text)")
      #expect(try await service.ask("GET", "/v1/store").number("contexts") == 3)
    }
  }

  @Test func aStoreThatAnotherProcessWritesIsRefusedAtTheStart() async throws {
    let scratch = try ScratchFolder()
    try await withContexts(scratch("context")) { _ in
      var message = ""
      do {
        try await withContexts(scratch("context")) { _ in }
      } catch { message = "\(error)" }
      #expect(message.contains("is being written by process"), "\(message)")
    }
  }
}
