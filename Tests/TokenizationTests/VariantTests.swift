import Foundation
import SeededRandom
import Testing

@testable import Tokenization

/// Small tokenizers of every supported kind, as Hugging Face `tokenizers` runs them
/// (Golden/variants.json, written by Tools/peers/tokenize_variants.py).
@Suite struct VariantTests {
  struct Golden: Decodable {
    struct Variant: Decodable {
      struct Case: Decodable {
        let text: String
        let ids: [Int32]
        let decoded: String
        let skipping: String
      }

      let name: String
      let parts: String
      let cases: [Case]
    }

    struct Broken: Decodable {
      let ids: [Int32]
      let decoded: String
    }

    let model: String
    let variants: [Variant]
    let brokenText: [Broken]

    static func read() throws -> Golden {
      let url = try #require(
        Bundle.module.url(forResource: "variants", withExtension: "json", subdirectory: "Golden"))
      return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }

    func tokenizer(_ variant: Variant, automaton: Bool = true) throws -> Tokenizer {
      try TestTokenizer.make("{\(variant.parts),\"model\":\(model)}", automaton: automaton)
    }
  }

  @Test(arguments: [true, false]) func everyKindGivesTheSameTokens(automaton: Bool) throws {
    let golden = try Golden.read()
    #expect(golden.variants.count > 40)
    for variant in golden.variants {
      let tokenizer = try golden.tokenizer(variant, automaton: automaton)
      for item in variant.cases {
        let ids = try tokenizer.encode(item.text)
        #expect(ids == item.ids, "\(variant.name): \(item.text.debugDescription)")
        #expect(Array(tokenizer.decode(item.ids).utf8) == Array(item.decoded.utf8))
        #expect(
          Array(tokenizer.decode(item.ids, skippingSpecialTokens: true).utf8)
            == Array(item.skipping.utf8))
      }
    }
  }

  @Test func mergesAsPairsEqualMergesAsLines() throws {
    let golden = try Golden.read()
    let variant = try #require(golden.variants.first { $0.name == "qwen" })
    var model = try #require(
      JSONSerialization.jsonObject(with: Data(golden.model.utf8)) as? [String: Any])
    let merges = try #require(model["merges"] as? [[String]])
    model["merges"] = ["#version: 0.2"] + merges.map { $0.joined(separator: " ") }
    let text = String(decoding: try JSONSerialization.data(withJSONObject: model), as: UTF8.self)
    let tokenizer = try TestTokenizer.make("{\(variant.parts),\"model\":\(text)}")
    for item in variant.cases { #expect(try tokenizer.encode(item.text) == item.ids) }
  }

  @Test func bytesThatAreNoTextBecomeReplacementCharacters() throws {
    let golden = try Golden.read()
    let tokenizer = try golden.tokenizer(golden.variants[0])
    for item in golden.brokenText {
      #expect(Array(tokenizer.decode(item.ids).utf8) == Array(item.decoded.utf8), "\(item.ids)")
    }
  }

  /// Canonical decomposition by the book: marks behind one another by their class, in order where they
  /// share it. (Swift's `==` does not see that U+0F73 begins with a mark.)
  private static func decomposed(_ text: String) -> String {
    let parts: [UInt32: [UInt32]] = [
      0x344: [0x308, 0x301], 0xF73: [0xF71, 0xF72], 0xF75: [0xF71, 0xF74], 0xF81: [0xF71, 0xF80],
    ]
    var result = String.UnicodeScalarView()
    var marks: [(order: UInt8, place: Int, scalar: Unicode.Scalar)] = []
    func flush() {
      marks.sort { ($0.order, $0.place) < ($1.order, $1.place) }
      result.append(contentsOf: marks.map(\.scalar))
      marks = []
    }
    for value in text.unicodeScalars.flatMap({ parts[$0.value] ?? [$0.value] }) {
      let scalar = Unicode.Scalar(value)!
      let order = scalar.properties.canonicalCombiningClass.rawValue
      if order == 0 {
        flush()
        result.append(scalar)
      } else {
        marks.append((order, marks.count, scalar))
      }
    }
    flush()
    return String(result)
  }

  /// Marks are put in order before ICU does it, where there are many.
  @Test func manyMarksAreNormalisedAsFewAre() {
    let marks = "\u{301}\u{316}\u{344}\u{F73}\u{F75}\u{F81}\u{3099}\u{FF9E}\u{FF9F}\u{5B0}\u{334}"
    var generator = SeededGenerator(seed: 5)
    for count in [1, 5, 63, 64, 65, 66, 500] {
      var text = "e"
      for _ in 0..<count {
        text.unicodeScalars.append(marks.unicodeScalars.randomElement(using: &generator)!)
      }
      text += "a\u{301}中\u{1100}\u{1161}"
      let bytes = Array(text.utf8)
      for form in [UnicodeText.Form.nfc, .nfd] {
        let found = UnicodeText.normalized(bytes, form)
        #expect(
          UnicodeText.normalized(found, .nfd) == Array(Self.decomposed(text).utf8),
          "\(count) marks, \(form)")
        #expect(UnicodeText.normalized(found, form) == found)
      }
      let decomposed = UnicodeText.normalized(bytes, .nfkd)
      #expect(UnicodeText.normalized(decomposed, .nfd) == decomposed)
      #expect(UnicodeText.normalized(bytes, .nfkc) == UnicodeText.normalized(decomposed, .nfc))
      // In order already, and the same.
      var classes: [UInt8] = []
      for scalar in String(decoding: decomposed, as: UTF8.self).unicodeScalars {
        let order = scalar.properties.canonicalCombiningClass.rawValue
        #expect(order == 0 || order >= classes.last ?? 0, "\(count) marks are not in order")
        classes.append(order)
      }
    }
  }

  @Test func aMillionMarksTakeNoTimeToSpeakOf() {
    let text = Array(("a" + String(repeating: "\u{301}\u{316}", count: 500_000)).utf8)
    let start = ContinuousClock.now
    for form in UnicodeText.Form.allCases {
      #expect(UnicodeText.normalized(text, form).count >= text.count - 2)
    }
    // It took minutes.
    #expect(ContinuousClock.now - start < .seconds(30))
  }
}
