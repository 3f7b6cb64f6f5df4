import Foundation
import SampleOrder
import Samples
import SeededRandom
import Serving
import TestStores
import Testing

@testable import Service

/// Samples and their order over HTTP are those of the dataset.
@Suite(.inAProcessOfItsOwn)
struct SampleRouteTests {
  private func list(_ answer: Answer) throws -> [[String: Any]] {
    #expect(answer.status == 200, "\(answer.text)")
    return try #require(answer.object["samples"] as? [[String: Any]])
  }

  private let asked = [17, 4, 4, 0, 299, 123]
  private var body: String { "{\"numbers\":\(asked)}" }

  @Test func documentsComeWithTheirMetadata() async throws {
    try await withService { service in
      let answer = try await service.post("/v1/datasets/documents/samples", json: body)
      let samples = try list(answer)
      #expect(samples.map { $0["number"] as? Int } == asked)
      #expect(samples.map { $0["text"] as? String } == asked.map { ServedStore.text(of: $0) })
      for (number, sample) in zip(asked, samples) {
        let metadata = try #require(sample["metadata"] as? [String: String])
        #expect(metadata == ["id": "d\(number)", "path": "part\(number % 3)/\(number).txt"])
      }
      #expect(answer.object["dataset"] as? String == "documents@1")
      #expect(answer.headers["engram-dataset"] == "documents@1")
    }
  }

  @Test func tokensAreNumbers() async throws {
    try await withService { service in
      let samples = try list(await service.post("/v1/datasets/tokens/samples", json: body))
      #expect(
        samples.map { $0["tokens"] as? [Int] }
          == asked.map { ServedStore.tokens(of: $0).map(Int.init) })
      #expect(samples.allSatisfy { $0["starts"] as? [Int] == [0] })
    }
  }

  @Test func bytesAreWrittenInBase64() async throws {
    try await withService { service in
      let samples = try list(await service.post("/v1/datasets/bytes/samples", json: body))
      #expect(
        samples.map { ($0["bytes"] as? String).flatMap { Data(base64Encoded: $0) } }
          == asked.map { Data(ServedStore.bytes(of: $0)) })
    }
  }

  @Test(arguments: ["documents", "tokens", "bytes"])
  func samplesComeAsTheyAreStoredWhereThatIsAskedFor(name: String) async throws {
    let dataset = try OpenDataset(name, in: SharedStore.open().now())
    let expected = try asked.map { number in
      try dataset.withReader { try $0.withSample(number) { Array($0) } }
    }
    try await withService { service in
      let answer = try await service.post(
        "/v1/datasets/\(name)%401/samples", json: body, ["Accept": "application/octet-stream"])
      #expect(answer.status == 200)
      #expect(answer.body == Array(expected.joined()))
      #expect(
        answer.headers["engram-sample-sizes"]
          == expected.map { "\($0.count)" }.joined(separator: ","))
      #expect(answer.headers["content-type"] == "application/octet-stream")
    }
  }

  @Test func ordersAreThoseOfTheDataset() async throws {
    let dataset = try OpenDataset("bytes", in: SharedStore.open().now())
    var generator = SeededGenerator(seed: 8)
    try await withService { service in
      for (name, kind) in [
        ("sequential", EpochOrder.Kind.sequential), ("global", .global),
        ("chunked", .chunked(window: 3)),
      ] {
        for round in 0..<4 {
          let seed = round == 3 ? UInt64.max : UInt64.random(in: 0..<1000, using: &generator)
          let first = Int.random(in: 0..<100, using: &generator)
          let step = Int.random(in: 1...7, using: &generator)
          let count = (300 - first + step - 1) / step
          var expected = [Int64](repeating: 0, count: count)
          try expected.withUnsafeMutableBufferPointer {
            try dataset.order(kind, seed: seed, epoch: round, first: first, step: step, into: $0)
          }
          // The count is left out, given, or null.
          let given = ["", ",\"count\":\(count)", ",\"count\":null"][round % 3]
          let answer = try await service.post(
            "/v1/datasets/bytes/order",
            json: "{\"order\":\"\(name)\",\"window\":3,\"seed\":\(seed),\"epoch\":\(round),"
              + "\"first\":\(first),\"step\":\(step)\(given)}")
          #expect(answer.status == 200, "\(answer.text)")
          #expect(answer.object["samples"] as? [Int] == expected.map(Int.init))
          #expect(answer.object["dataset"] as? String == "bytes@1")
        }
      }
    }
  }

  /// A path below `/v1/datasets/`, a body, and what is answered.
  private static let refused: [(String, String, Int, String, String)] = [
    ("bytes/samples", #"{"numbers":[300]}"#, 422, "out_of_range", "300"),
    ("bytes/samples", #"{"numbers":[-1]}"#, 422, "out_of_range", "-1"),
    ("bytes/samples", #"{"numbers":[1.5]}"#, 400, "invalid", "numbers"),
    ("bytes/samples", #"{"numbers":[]}"#, 400, "invalid", "numbers"),
    ("bytes/samples", #"{"numbers":[1]"#, 400, "invalid", "JSON"),
    ("bytes/samples?x=1", #"{"numbers":[1]}"#, 400, "invalid", "x"),
    ("bytes/order", #"{"first":300,"count":1}"#, 422, "out_of_range", "300"),
    (
      "bytes/order", #"{"first":9223372036854775807,"step":9223372036854775807,"count":2}"#, 422,
      "out_of_range", "9223372036854775807"
    ),
    ("bytes/order", #"{"order":"random"}"#, 400, "invalid", "sequential"),
    ("bytes/order", #"{"seed":-1}"#, 400, "invalid", "seed"),
    ("nothing/samples", #"{"numbers":[1]}"#, 404, "not_found", "nothing"),
    ("bytes%402/order", "{}", 404, "not_found", "bytes"),
  ]

  @Test func whatMakesNoSenseIsRefused() async throws {
    try await withService { service in
      for (path, body, status, code, word) in Self.refused {
        let answer = try await service.post("/v1/datasets/\(path)", json: body)
        #expect(answer.status == status && answer.code == code, "\(path) \(body): \(answer.text)")
        #expect(answer.message.contains(word), "\(path) \(body): \(answer.message)")
      }
      let type = try await service.post("/v1/datasets/bytes/samples", Array(body.utf8))
      #expect(type.status == 415 && type.code == "unsupported_media_type")
    }
  }

  @Test func moreBytesThanAnAnswerMayHaveAreRefused() async throws {
    // 4096 samples of some 4900 bytes are 20 MB.
    let large = (0..<300).max { ServedStore.bytes(of: $0).count < ServedStore.bytes(of: $1).count }
    let numbers = Array(repeating: "\(large ?? 0)", count: 4096).joined(separator: ",")
    try await withService { service in
      let answer = try await service.post(
        "/v1/datasets/bytes/samples", json: "{\"numbers\":[\(numbers)]}")
      #expect(answer.status == 413 && answer.code == "too_large", "\(answer.text)")
    }
  }

  @Test func aConditionNamesTheVersionThatIsServed() async throws {
    try await withService { service in
      let path = "/v1/datasets/bytes/samples"
      let tag = try #require(try await service.post(path, json: body).headers["etag"])
      #expect(try await service.post(path, json: body, ["If-Match": tag]).status == 200)
      for route in ["samples", "order"] {
        let answer = try await service.post(
          "/v1/datasets/tokens/\(route)", json: route == "order" ? "{}" : body, ["If-Match": tag])
        #expect(answer.status == 409 && answer.code == "conflict", "\(answer.text)")
      }
    }
  }
}
