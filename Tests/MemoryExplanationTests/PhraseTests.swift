import Testing

@testable import MemoryExplanation

@Suite struct PhraseTests {
  @Test(arguments: [
    ("the device driver", 6..<9, "device"), ("the device driver", 3..<12, "device driver"),
    ("the device driver", 10..<11, nil), ("x-ray", 0..<3, "x-ray"), ("a --- b", 2..<5, nil),
    ("naïve", 0..<3, "naïve"), ("設備驅動", 3..<6, "備"), ("設備驅動", 4..<8, "備驅"),
    ("ไทย", 0..<3, "ไ"), ("", 0..<0, nil),
  ])
  func wordsThatAPartCutsAreCompleted(text: String, part: Range<Int>, expected: String?) {
    #expect(PhraseWords.completed(part, in: Array(text.utf8)) == expected)
  }

  @Test func aPhraseIsFoundByItsWords() {
    let words = PhraseWords("See: the  Device\n(driver) of naïve 設備驅動.")
    func text(_ phrase: String) -> String? {
      words.first(of: PhraseWords(phrase)).map {
        String(decoding: Array("See: the  Device\n(driver) of naïve 設備驅動.".utf8)[$0], as: UTF8.self)
      }
    }
    #expect(text("device driver") == "Device\n(driver")
    #expect(text("NAIVE") == "naïve")
    #expect(text("備驅") == "備驅")
    #expect(text("devi") == nil && text("...") == nil && text("driver device") == nil)
  }
}
