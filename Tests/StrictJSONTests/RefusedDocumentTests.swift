import Foundation
import SeededRandom
import StrictJSON
import Testing

/// What is not strictly JSON is refused at the byte where it stops being so.
@Suite struct RefusedDocumentTests {
  private func error(_ bytes: [UInt8]) -> StrictJSONError? {
    do {
      _ = try JSONDocument(bytes)
      return nil
    } catch { return error }
  }

  @Test(arguments: [
    ("", 0, "a value"), ("  ", 2, "a value"), ("nul", 0, "a value"), ("truE", 0, "a value"),
    ("'a'", 0, "a value"), ("+1", 0, "a value"), (".5", 0, "a value"), ("NaN", 0, "a value"),
    ("\u{FEFF}1", 0, "a value"), ("1 2", 2, "the end"), ("{}{}", 2, "the end"),
    ("nulll", 4, "the end"), ("[1", 2, "',' or ']'"), ("[1 2]", 3, "',' or ']'"),
    ("[1}", 2, "',' or ']'"), ("[1,]", 3, "a value"), ("[,]", 1, "a value"),
    ("{", 1, "a string as a member's name"), ("{1:2}", 1, "a string as a member's name"),
    (#"{"a":1,}"#, 7, "a string as a member's name"), (#"{"a"}"#, 4, "':'"),
    (#"{"a":}"#, 5, "a value"), (#"{"a":1"#, 6, "',' or '}'"),
    ("-", 1, "a digit"), ("1.", 2, "a digit"), ("1.e1", 2, "a digit"), ("1e", 2, "a digit"),
    ("1e+", 3, "a digit"), ("0x1", 1, "the end"),
    ("[01]", 1, "a number without a leading zero"), ("-00", 0, "a number without a leading zero"),
    ("1e999", 0, "a number of a size that 64 bits can hold"),
    (#" "a"#, 1, "an end to the string"), (#""a\n"#, 0, "an end to the string"),
    (#""a\"#, 2, "an escape"), (#""\x""#, 1, "an escape"), (#""\U0041""#, 1, "an escape"),
    ("\"a\n\"", 2, "no control character in a string"),
    ("\"\\n\u{1F}\"", 3, "no control character in a string"),
    (#""\u12g4""#, 5, "four hexadecimal digits"), (#""\u12"#, 5, "four hexadecimal digits"),
    (#""\ud800""#, 1, "a surrogate pair"), (#""\udc00""#, 1, "a surrogate pair"),
    (#""\ud800\n""#, 1, "a surrogate pair"), (#""\ud800\u0041""#, 1, "a surrogate pair"),
    (#""\ud800\ud800""#, 1, "a surrogate pair"),
  ])
  func malformedIsRefusedAtItsByte(json: String, offset: Int, expected: String) {
    let found = error(Array(json.utf8))
    #expect(found == .malformed(offset: offset, expected: expected))
    #expect(found?.description == "expected \(expected) at byte \(offset)")
  }

  @Test(
    arguments: [
      [0xFF], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0x80], [0xC3],
    ] as [[UInt8]])
  func bytesThatAreNotUTF8AreRefused(bytes: [UInt8]) {
    #expect(error([0x5B, 0x22] + bytes + [0x22, 0x5D]) == .notUTF8(offset: 2))
  }

  @Test(arguments: ["[", "{\"a\":", "[{\"a\":"]) func deepNestingIsRefused(opening: String) {
    let found = error(Array(String(repeating: opening, count: 300_000).utf8))
    guard case .malformed(_, "at most 64 arrays and objects inside one another") = found else {
      Issue.record("\(String(describing: found))")
      return
    }
  }

  /// 5,000 documents with a few bytes changed: Foundation's reader takes what we take, with the
  /// same strings and numbers.
  @Test func whatIsAcceptedIsJSON() throws {
    let valid = Array(
      #"{"a":[1,-2.5e3,"\u00e9\ud83d\ude00\n",{"é":null}],"b":true,"":[[],{}]}"#.utf8)
    let alphabet = Array("{}[]\",:\\u0d8e1-+.tn \n".utf8) + [0xC3, 0xA9, 0xFF, 0]
    var generator = SeededGenerator(seed: 1)
    var accepted = 0
    for _ in 0..<5000 {
      var bytes = valid
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = alphabet.randomElement(using: &generator)!
        case 1: bytes.insert(alphabet.randomElement(using: &generator)!, at: place)
        case 2: bytes.remove(at: place)
        default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &generator))
        }
      }
      guard let document = try? JSONDocument(bytes) else { continue }
      accepted += 1
      let peer = try JSONSerialization.jsonObject(
        with: Data(bytes), options: [.fragmentsAllowed])
      #expect(agree(document.root, peer), "\(String(decoding: bytes, as: UTF8.self))")
    }
    #expect(accepted > 200, "the changes should leave some documents valid")
  }

  private func agree(_ value: JSONValue, _ peer: Any) -> Bool {
    if let members = value.members {
      guard let peer = peer as? [String: Any] else { return false }
      // Of a name that is there twice each reader may keep another.
      let names = members.map { String(decoding: $0.name, as: UTF8.self) }
      guard Set(names).count == names.count else { return true }
      return peer.count == names.count
        && zip(names, members).allSatisfy { name, member in
          peer[name].map { agree(member.value, $0) } ?? false
        }
    }
    if let elements = value.elements {
      guard let peer = peer as? [Any], peer.count == elements.count else { return false }
      return zip(elements, peer).allSatisfy(agree)
    }
    if let text = value.text {
      return (peer as? String).map { $0.utf8.elementsEqual(text.utf8) } ?? false
    }
    if let number = value.number { return (peer as? NSNumber)?.doubleValue == number }
    if let bool = value.bool { return (peer as? NSNumber)?.boolValue == bool }
    return value.isNull && peer is NSNull
  }
}
