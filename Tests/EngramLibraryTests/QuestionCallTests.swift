import CEngram
import TestStores
import Testing

@Suite struct QuestionCallTests {
  @Test func aQuestionFindsItsPassage() throws {
    let store = try OpenStore()
    var index: engram_index = 0
    try check(engram_index_open(store.handle, "documents", nil, &index))
    #expect(try json { engram_index_describe(index, $0) }["documents"] as? Int == 300)
    let answer = try json {
      engram_query(
        &index, 1, #"{"question":"number17","limit":3,"maxTokens":100,"where":["path=part2/*"]}"#,
        $0)
    }
    let passages = try given(answer["passages"] as? [[String: Any]])
    #expect(passages.count == 1 && passages.first?["sample"] as? Int == 17)
    #expect(passages.first?["text"] as? String != nil && passages.first?["rank"] as? Int == 1)
    #expect((answer["context"] as? String)?.contains("number17") == true)
    // The same index twice is two indexes: ranked as one.
    let both = [index, index]
    let twice = try json { engram_query(both, 2, #"{"question":"number17"}"#, $0) }
    #expect((twice["passages"] as? [Any])?.count == 2)
  }

  @Test(arguments: [
    ("", "no JSON"), ("[]", "another type"), ("{}", "\"question\" is missing"),
    (#"{"question":7}"#, "\"question\""), (#"{"question":"a","limt":3}"#, "\"limt\""),
    (#"{"question":"a","limit":0}"#, "limit"), (#"{"question":"a","limit":99999}"#, "limit"),
    (#"{"question":"a","perDocument":-1}"#, "perDocument"),
    (#"{"question":"a","mode":"best"}"#, "lexical"), (#"{"question":"a","where":["path"]}"#, ""),
    (#"{"question":"a","where":["nofield=1"]}"#, "nofield"),
    (#"{"question":"a","mode":"dense"}"#, "vectors"), (#"{"question":"?"}"#, ""),
    (#"{"question":"a","vector":["x"]}"#, "vector"),
    (#"{"question":"a","maxTokens":0}"#, "maxTokens"),
    (String(repeating: "[", count: 100_000), "JSON"),
  ])
  func aBadRequestIsOneLine(request: String, says: String) throws {
    let store = try OpenStore()
    var index: engram_index = 0
    try check(engram_index_open(store.handle, "documents", nil, &index))
    var text = engram_text()
    let status = Int(engram_query(&index, 1, request, &text))
    #expect(status == ENGRAM_INVALID || status == ENGRAM_UNSUPPORTED)
    #expect(says.isEmpty || lastError.contains(says), "\(lastError)")
    #expect(!lastError.isEmpty && !lastError.contains("\n") && text.bytes == nil)
  }

  @Test func handlesOfOtherThingsAreRefused() throws {
    let store = try OpenStore()
    var text = engram_text()
    var table = try store.table("plain")
    #expect(engram_query(&table, 1, #"{"question":"a"}"#, &text) == ENGRAM_CLOSED)
    #expect(engram_query(nil, 0, #"{"question":"a"}"#, &text) == ENGRAM_INVALID)
    var index: engram_index = 0
    #expect(engram_index_open(store.handle, "tokens", nil, &index) == ENGRAM_NOT_FOUND)
    #expect(engram_index_open(store.handle, "documents", "/nowhere.json", &index) != ENGRAM_OK)
  }
}
