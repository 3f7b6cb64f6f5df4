import SeededRandom

/// Bytes that mix scripts, punctuation and what is no UTF-8.
struct RandomText {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private static let pieces: [[Character]] = [
    "abcXYZ0189".unicodeScalars.map(Character.init),
    " \t\n\r.,'_:;-/()\"!?*#\u{0}\u{B}\u{7F}".unicodeScalars.map(Character.init),
    "éÅßñÇøłžİıſÀ".unicodeScalars.map(Character.init),
    "ДжЖяёйΣςσΐאבגש١٢ابتञिनक्".unicodeScalars.map(Character.init),
    "中文字典日本語東京大学生活人民共和国".unicodeScalars.map(Character.init),
    "ひらがなのはをカタカナーパソコン・ｶﾀﾞ".unicodeScalars.map(Character.init),
    "한국어단어\u{1112}\u{1161}\u{11AB}".unicodeScalars.map(Character.init),
    // With their vowel signs: what is no syllable is parted by what stands before it, too.
    Array("ภาษาไทยสวัสดีครับລາວខ្មែរမြန်မာ"),
    "😀👍🏽🇩🇪🇫🇷👨‍👩‍👧❤️1️⃣™ℹⒶ".unicodeScalars.map(Character.init),
    "\u{301}\u{308}\u{323}\u{20E3}\u{FE0F}\u{345}\u{5B0}\u{64B}".unicodeScalars.map(Character.init),
    "\u{AD}\u{200B}\u{200C}\u{200D}\u{2060}\u{FEFF}\u{61C}\u{3164}\u{115F}".unicodeScalars.map(
      Character.init),
    "“”‘’—…。、，！？「」\u{3000}\u{A0}\u{2028}\u{85}·‿．：".unicodeScalars.map(Character.init),
    "ＡｂＣ１２ﬁﷺ²½Ⅷ㈠№ªŀ〇々〆ㄅ𠀀𝐀𝟘𐐀".unicodeScalars.map(Character.init),
  ]

  /// A text of about `count` scalars.
  mutating func next(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var left = Int.random(in: 0...count, using: &random)
    while left > 0 {
      let piece = Self.pieces.randomElement(using: &random)!
      let run = Int.random(in: 1...6, using: &random)
      for _ in 0..<run {
        bytes += Array(String(piece.randomElement(using: &random)!).utf8)
      }
      left -= run
      if Int.random(in: 0..<6, using: &random) == 0 { bytes.append(UInt8(ascii: " ")) }
      if Int.random(in: 0..<12, using: &random) == 0 {
        // A scalar from anywhere.
        if let scalar = Unicode.Scalar(UInt32.random(in: 0..<0x3200, using: &random)) {
          bytes += Array(String(scalar).utf8)
        }
      }
      if Int.random(in: 0..<15, using: &random) == 0 {
        bytes.append(UInt8.random(in: 0x80...0xFF, using: &random))
      }
    }
    return bytes
  }
}
