import Compression
import Foundation
import TestCheckpoints
import Testing

@testable import Corpora

@Suite struct TextFileTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test(arguments: ["", "a", "\u{FEFF}a\r\n\0\u{2028}é中\n\n"])
  func textIsWhatCameIn(text: String) throws {
    try folder.file("d/a.txt", text)
    let reading = try folder.read("d/a.txt", .text)
    #expect(reading.documents.map(\.text) == [Array(text.utf8)])
    #expect(reading.metadata == [#"{"id":"d/a.txt","path":"d/a.txt"}"#])
    let position = try #require(reading.positions.first)
    let unit = CorpusUnit(path: folder("d/a.txt"), name: "d/a.txt", format: .text)
    #expect(try TextReading([unit], from: position).documents.isEmpty)
  }

  @Test func whatIsNotUTF8IsNamedByItsByte() throws {
    try folder.file("a.txt", [0x61, 0x62, 0xC3, 0x28])
    let reading = try folder.read("a.txt", .text)
    #expect(
      reading.bad.map(\.description) == [folder("a.txt") + ": its text is not UTF-8 at byte 2"])
  }

  @Test func aFileOverTheLimitIsRefused() throws {
    try folder.file("a.txt", "abcd")
    var options = CorpusOptions()
    options.recordLimit = 3
    let reading = try folder.read("a.txt", .text, options)
    #expect(reading.bad.map(\.description) == [folder("a.txt") + ": it has more than 3 bytes"])
  }

  @Test func aCutStreamIsReported() throws {
    // A gzip member of "hello", less its last bytes.
    let member: [UInt8] = [
      0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 7, 0, 0x86, 0xA6, 0x10,
      0x36, 5, 0, 0, 0,
    ]
    try folder.file("whole.txt.gz", member)
    try folder.file("cut.txt.gz", Array(member.dropLast(3)))
    let plan = try CorpusPlan.scan([folder.path], options: CorpusOptions())
    #expect(plan.units.map(\.compression) == [.gzip, .gzip])
    let reading = try TextReading(plan.units)
    #expect(reading.texts == ["hello"])
    #expect(reading.bad.map(\.path) == [folder("cut.txt.gz")])
    #expect(reading.bad[0].reason.contains("cut off after 22 bytes"))
  }

  @Test func languageAndSizeAreHeeded() throws {
    try folder.file("a.txt", "ab")
    var options = CorpusOptions()
    options.languageHint = "zh"
    #expect(
      try folder.read("a.txt", .text, options).metadata == [
        #"{"id":"a.txt","language":"zh","path":"a.txt"}"#
      ])
    options.minimumBytes = 3
    #expect(try folder.read("a.txt", .text, options).leftOut == ["fewer than 3 bytes": 1])
  }
}

@Suite struct TextHTMLTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func text(_ html: String) throws -> String {
    String(decoding: try HTMLText(Array(html.utf8)).text, as: UTF8.self)
  }

  /// The parser compares each attribute with all before it: 300,000 took minutes.
  @Test func aTagWithoutEndIsRefused() throws {
    let attributes = (0..<300_000).map { "a\($0)=1" }.joined(separator: " ")
    for tag in ["<p \(attributes)>x", "<p ' \(attributes)>x", "<p a=\"1\" \(attributes)"] {
      #expect(throws: HTMLText.Refusal.self) { try HTMLText(Array(tag.utf8)) }
    }
    // Long values, many tags and what only looks like a tag are none.
    let words = String(repeating: "a b=1 ", count: 50_000)
    let pages = [
      "<p title=\"\(words)\">x</p>", "<p title='\(words)'>x</p>",
      String(repeating: "<b c=1 d=2>x</b>", count: 20_000), "1 < 2 \(words)", "<p>\(words)</p>",
    ]
    for page in pages { _ = try HTMLText(Array(page.utf8)) }
  }

  @Test(arguments: [
    ("<p>a  b\n c</p><p>d", "a b c\nd"), ("a<b>b</b> <i>c</i>d", "ab cd"),
    ("<div><div>a</div></div><div>b</div>", "a\nb"), ("a<br>b<br><br>c", "a\nb\n\nc"),
    ("<pre>\n x  y\n\tz</pre>after", " x  y\n\tz\nafter"),
    ("<script>var a='<p>no</p>'</script>yes<style>b{}</style>", "yes"),
    ("<noscript>no</noscript><template><p>no</p></template>yes", "yes"),
    ("&lt;&amp;&eacute;&#20013;&#x4e2d;", "<&é中中"),
    ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td"),
    ("<ul><li>a<li>b</ul>", "a\nb"), ("<main>x<section>y</section></main>", "x\ny"),
    ("", ""), ("plain", "plain"), ("<!-- no -->yes", "yes"),
    ("<html><head><title>t</title><meta charset=gbk></head><body>中", "中"),
  ])
  func aReaderSeesTheText(html: String, seen: String) throws {
    #expect(try text(html) == seen)
  }

  @Test func aNULDoesNotEndThePage() throws {
    #expect(try text("a\0b") == "a\u{FFFD}b")
  }

  @Test func theTitleIsMetadata() throws {
    try folder.file("a.html", "<title> A\n &amp; B </title><p>x")
    let reading = try folder.read("a.html", .html)
    #expect(reading.texts == ["x"])
    #expect(reading.metadata == [#"{"id":"a.html","path":"a.html","title":"A & B"}"#])
    var options = CorpusOptions()
    options.html = .raw
    #expect(
      try folder.read("a.html", .html, options).texts == ["<title> A\n &amp; B </title><p>x"])
  }

  @Test func depthIsBoundedAndReported() throws {
    #expect(try text(String(repeating: "<b>", count: 1000) + "x") == "x")
    try folder.file("a.html", String(repeating: "<b>", count: 1_000_000) + "x")
    let reading = try folder.read("a.html", .html)
    #expect(reading.bad.count == 1)
    #expect(reading.bad.first?.reason.contains("inside one another") == true)
  }

  @Test func whatIsNotUTF8IsReported() throws {
    try folder.file("a.html", Array("<p>".utf8) + [0xE9])
    #expect(
      try folder.read("a.html", .html).bad.map(\.reason) == [
        "it is not UTF-8 at byte 3; convert it, e.g. with iconv"
      ])
  }
}

@Suite struct TextCSVTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func read(
    _ table: String, _ format: CorpusFormat = .csv,
    _ change: (inout CorpusOptions) -> Void = { _ in }
  ) throws -> TextReading {
    try folder.file("a.csv", table)
    var options = CorpusOptions()
    change(&options)
    return try folder.read("a.csv", format, options)
  }

  @Test func rowsBecomeDocuments() throws {
    let reading = try read("\u{FEFF}b,text,id\r\n1,\" a,\"\"q\"\"\nx \",n1\r\n\r\n 2 ,b,n2")
    #expect(reading.texts == [" a,\"q\"\nx ", "b"])
    #expect(reading.metadata == [#"{"b":"1","id":"n1"}"#, #"{"b":" 2 ","id":"n2"}"#])
    #expect(reading.bad.isEmpty)
  }

  @Test func rowsWithoutNameHaveNone() throws {
    let reading = try read("text\ta\nx\t1,2\ny\t3\n", .tsv)
    #expect(reading.texts == ["x", "y"])
    #expect(reading.metadata == [#"{"a":"1,2"}"#, #"{"a":"3"}"#])
  }

  @Test func badRowsAreNamedAndPassed() throws {
    let reading = try read("text,b\na,1\nx\ny,1,2\nb,2\n\"open,3\nc")
    #expect(reading.texts == ["a", "b"])
    #expect(reading.bad.map(\.record) == [3, 4, 6])
    #expect(reading.bad[2].reason.contains("never closed"))
  }

  @Test func aFieldThatIsNotUTF8IsNamed() throws {
    try folder.file("a.csv", Array("text,b\na\u{E9},".utf8) + [0xFF] + Array("\nb,2\n".utf8))
    let reading = try folder.read("a.csv", .csv)
    #expect(reading.texts == ["b"])
    #expect(reading.bad.map(\.reason) == ["its field b is not UTF-8 at byte 0"])
    try folder.file("a.csv", Array("text,b\na".utf8) + [0xC3] + Array(",1\n".utf8))
    #expect(
      try folder.read("a.csv", .csv).bad.map(\.reason) == ["its field text is not UTF-8 at byte 1"])
  }

  @Test func shortTextsAreLeftOut() throws {
    let reading = try read("text\nab\nabc\n") { $0.minimumBytes = 3 }
    #expect(reading.texts == ["abc"] && reading.leftOut == ["fewer than 3 bytes": 1])
  }

  @Test func aTableWithoutTextIsRefused() throws {
    let bad = try read("a,b\n1,2\n").bad
    #expect(bad.map(\.endsUnit) == [true])
    #expect(bad[0].reason.contains("no column text"))
    #expect(try read("text,a,a\n").bad[0].reason.contains("same name"))
    #expect(try read("").bad.isEmpty)
  }

  @Test(arguments: [50, 70_000, 400_000])
  func aRowOverTheLimitIsPassed(bytes: Int) throws {
    let long = String(repeating: "x", count: bytes)
    for row in ["\"\(long)\n\",1", "\(long),1", "1,\(long)", String(repeating: ",", count: bytes)] {
      let reading = try read("text,b\na,1\n\(row)\nb,2\n") { $0.recordLimit = 40 }
      #expect(reading.texts == ["a", "b"])
      #expect(reading.bad.map(\.record) == [3])
      #expect(reading.bad.first?.reason.contains("more than 40 bytes") == true)
      #expect(reading.bad.allSatisfy { $0.excerpt.count <= 4096 })
    }
  }

  @Test func readingGoesOnFromEveryPlace() throws {
    let rows = (0..<20).map {
      "\($0 % 3 == 0 ? "\"a\n\($0)\"" : "b\($0)"),\($0)\($0 % 5 == 4 ? ",x" : "")"
    }
    let whole = try read("text,n\n" + rows.joined(separator: "\n"))
    let unit = CorpusUnit(path: folder("a.csv"), name: "a.csv", format: .csv)
    #expect(whole.documents.count == 16)
    for (index, position) in whole.positions.enumerated() {
      let rest = try TextReading([unit], from: position)
      #expect(rest.documents == Array(whole.documents.dropFirst(index + 1)))
    }
  }
}
