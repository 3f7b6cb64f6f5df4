import Foundation
import SeededRandom
import Serving
import Testing

@testable import Service

/// Bodies in JSON: what is wrong is refused by name.
struct BodyTests {
  private func message<Body: Decodable>(_ type: Body.Type, _ json: String) -> String? {
    do {
      _ = try JSONBody.decode(type, from: Data(json.utf8))
      return nil
    } catch { return "\(error)" }
  }

  @Test(arguments: [
    (#"{}"#, "numbers"), (#"{"numbers":[]}"#, "numbers"), (#"{"numbers":[1.5]}"#, "numbers"),
    (#"{"numbers":["1"]}"#, "numbers"), (#"{"numbers":null}"#, "numbers"),
    (#"{"numbers":[1],"number":2}"#, "\"number\""), (#"[1]"#, "another type"),
    (#"{"numbers":[1]"#, "JSON"),
    (#"{"numbers":[99999999999999999999]}"#, "numbers"), (#"{"numbers":true}"#, "numbers"),
  ])
  func badSamplesAreRefused(json: String, name: String) throws {
    let found = try #require(message(SamplesBody.self, json))
    #expect(found.contains(name) && !found.contains("\n"))
  }

  @Test func tooManySamplesAreRefused() throws {
    let numbers = { (count: Int) in
      "{\"numbers\":[\(Array(repeating: "1", count: count).joined(separator: ","))]}"
    }
    #expect(message(SamplesBody.self, numbers(4096)) == nil)
    #expect(try #require(message(SamplesBody.self, numbers(4097))).contains("4097"))
  }

  @Test(arguments: [
    (#"{"order":"random"}"#, "order"), (#"{"window":0}"#, "window"), (#"{"seed":-1}"#, "seed"),
    (#"{"epoch":-1}"#, "epoch"), (#"{"first":-1}"#, "first"), (#"{"step":0}"#, "step"),
    (#"{"count":1048577}"#, "count"), (#"{"counts":1}"#, "counts"), (#"{"step":"1"}"#, "step"),
  ])
  func badOrdersAreRefused(json: String, name: String) throws {
    #expect(try #require(message(OrderBody.self, json)).contains(name))
  }

  @Test func anOrderGoesToTheEndOfTheEpochOrAsFarAsIsAsked() throws {
    for (first, step, samples) in [(0, 1, 10), (3, 4, 10), (9, 1, 10), (10, 1, 10), (99, 7, 10)] {
      let body = try JSONBody.decode(
        OrderBody.self, from: Data("{\"first\":\(first),\"step\":\(step)}".utf8))
      let expected = Array(stride(from: first, to: samples, by: step)).count
      #expect(try body.positions(of: samples) == expected)
    }
    let all = try JSONBody.decode(OrderBody.self, from: Data("{}".utf8))
    #expect(throws: ServiceError.self) { try all.positions(of: (1 << 20) + 1) }
    let last = try JSONBody.decode(
      OrderBody.self, from: Data("{\"first\":\(Int.max),\"step\":\(Int.max)}".utf8))
    #expect(try last.positions(of: Int.max) == 0)
  }

  @Test(arguments: [
    (#"{"question":"a"}"#, "datasets"), (#"{"datasets":[],"question":"a"}"#, "datasets"),
    (#"{"datasets":[""],"question":"a"}"#, "datasets"), (#"{"datasets":["a"]}"#, "question"),
    (#"{"datasets":["a"],"question":"a","limit":0}"#, "limit"),
    (#"{"datasets":["a"],"question":"a","mode":"best"}"#, "mode"),
    (#"{"datasets":["a"],"question":"a","per_document":1}"#, "per_document"),
    (#"{"datasets":["a"],"question":"a","maxTokens":0}"#, "maxTokens"),
  ])
  func badQuestionsAreRefused(json: String, name: String) throws {
    #expect(try #require(message(QueryBody.self, json)).contains(name))
  }

  @Test(arguments: [
    (#"{"text":"a"}"#, "memory"), (#"{"memory":"m","text":""}"#, "text"),
    (#"{"memory":"m","text":"a","nearest":101}"#, "nearest"),
    (#"{"memory":"m","text":"a","passages":-1}"#, "passages"),
    (#"{"memory":"m","text":"a","dataset":""}"#, "dataset"),
  ])
  func badExplanationsAreRefused(json: String, name: String) throws {
    #expect(try #require(message(ExplainBody.self, json)).contains(name))
  }

  @Test func randomBytesAreRefusedInOneLine() {
    var generator = SeededGenerator(seed: 5)
    let pieces = [
      "{", "}", "[", "]", ":", ",", "\"numbers\"", "\"question\"", "1", "-", "e9", "null",
    ]
    for _ in 0..<2000 {
      let count = Int.random(in: 0..<12, using: &generator)
      let json = (0..<count).map { _ in pieces.randomElement(using: &generator)! }.joined()
      for found in [
        message(SamplesBody.self, json), message(OrderBody.self, json),
        message(QueryBody.self, json), message(ExplainBody.self, json),
      ] {
        #expect(found.map { !$0.isEmpty && !$0.contains("\n") } ?? true)
      }
    }
  }

  @Test func deepNestingIsRefused() throws {
    let deep = String(repeating: "[", count: 200_000)
    #expect(message(SamplesBody.self, "{\"numbers\":" + deep) != nil)
  }

  @Test func acceptHeadersChooseTheForm() {
    let binary = "application/octet-stream"
    #expect(JSONRequests.accepts(binary, in: "application/octet-stream"))
    #expect(JSONRequests.accepts(binary, in: "Application/Octet-Stream; q=0.9, */*"))
    #expect(!JSONRequests.accepts(binary, in: nil))
    #expect(!JSONRequests.accepts(binary, in: "*/*"))
    #expect(!JSONRequests.accepts(binary, in: "application/json, application/octet-stream"))
    #expect(JSONRequests.isJSON("application/json; charset=utf-8"))
    #expect(!JSONRequests.isJSON("application/jsonl"))
  }
}
