import StrictJSON
import Testing

/// What a document says is what its values give back.
@Suite struct AcceptedDocumentTests {
  @Test func everyKindOfValue() throws {
    let root = try read(#" {"n":null,"t":true,"f":false,"i":-7,"x":2.5e1,"s":"a","l":[],"o":{}} "#)
    let values = Array(try #require(root.members)).map(\.value)
    #expect(values.map(\.isNull) == [true] + [Bool](repeating: false, count: 7))
    #expect(values.map(\.bool) == [nil, true, false, nil, nil, nil, nil, nil])
    #expect(values.map(\.integer) == [nil, nil, nil, -7, nil, nil, nil, nil])
    #expect(values.map(\.number) == [nil, nil, nil, -7, 25, nil, nil, nil])
    #expect(values.map(\.text) == [nil, nil, nil, nil, nil, "a", nil, nil])
    #expect(values.map(\.elements?.count) == [nil, nil, nil, nil, nil, nil, 0, nil])
    #expect(values.map(\.members?.count) == [nil, nil, nil, nil, nil, nil, nil, 0])
    #expect(root.offset == 1)
    #expect(values[0].offset == 6)
  }

  @Test func membersKeepTheirOrderAndTheirDuplicates() throws {
    let root = try read(#"{"b":1,"a":[2,{"c":3}],"b":{"a":4}}"#)
    let members = Array(try #require(root.members))
    #expect(members.map { String(decoding: $0.name, as: UTF8.self) } == ["b", "a", "b"])
    #expect(members[0].value.integer == 1)
    let list = Array(try #require(members[1].value.elements))
    #expect(list.map(\.integer) == [2, nil])
    #expect(list[1].members?.map(\.value.integer) == [3])
    #expect(members[2].value.members?.map(\.value.integer) == [4])
  }

  @Test func canonicallyEquivalentStringsHaveDifferentBytes() throws {
    let root = try read("[\"\u{E9}\", \"e\u{301}\"]")
    let strings = try #require(root.elements).map(\.string)
    #expect(strings[0] != strings[1])
    #expect(strings.map { $0.map(Array.init) } == [[0xC3, 0xA9], [0x65, 0xCC, 0x81]])
  }

  @Test(arguments: [
    (#""""#, ""),
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
    (#""a\u0000b\u00e9\u4E2D\uD83D\uDE00c""#, "a\0b\u{E9}\u{4E2D}\u{1F600}c"),
    (#""\u0041é中😀\u007f after""#, "Aé中😀\u{7F} after"),
    ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
  ])
  func escapesAreResolved(json: String, text: String) throws {
    // Twice: what an escape leaves free in the arena must not leak into the next string.
    let strings = try #require(try read("[\(json),\(json)]").elements).map(\.string)
    #expect(strings.map { $0.map(Array.init) } == [Array(text.utf8), Array(text.utf8)])
  }

  @Test(arguments: [
    ("0", 0), ("-1", -1), ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
    ("-0", nil), ("9223372036854775808", nil), ("1.0", nil), ("1e2", nil),
  ])
  func onlyWholeNumbersOf64BitsAreIntegers(json: String, integer: Int?) throws {
    #expect(try read(json).integer == integer)
    #expect(try read(json).number == Double(json))
  }

  @Test func nestingUpToTheLimitIsRead() throws {
    let limit = JSONDocument.depthLimit
    var value = try read(
      String(repeating: "[", count: limit) + String(repeating: "]", count: limit))
    for _ in 1..<limit {
      value = try #require(value.elements.map { Array($0) }?.first)
    }
    #expect(value.elements?.count == 0)
  }
}

func read(_ json: String) throws(StrictJSONError) -> JSONValue {
  try JSONDocument(Array(json.utf8)).root
}
