import SeededRandom
import Terms
import Testing

@Suite struct DocumentTitleTests {
  private func title(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { DocumentTitle.heading(of: $0) }.map {
      String(decoding: bytes[$0], as: UTF8.self)
    }
  }

  @Test func headingsOfMarkupAreFound() {
    #expect(title("# Page cache\n\ntext") == "Page cache")
    #expect(title("text\n\n# Später #\n\n") == "Später")
    #expect(title("= The Book\n\ntext") == "The Book")
    #expect(title(".. SPDX-License-Identifier: GPL-2.0\n\n====\n内存\n====\n\ntext") == "内存")
    #expect(title("Title\r\n=====\r\ntext") == "Title")
    #expect(title("x\n\nTitle here\n----------\n") == "Title here")
    #expect(title("<html><TITLE lang=en> Home </title><h1>No</h1>") == "Home")
    #expect(title("<header>a</header><h1><b>x</b></h1>") == nil)
    #expect(title(".TH LS 1\n.SH NAME\nls \\- list\n") == "ls \\- list")
  }

  @Test func codeHasNone() {
    for text in [
      "#!/bin/sh\n\n# Comment\n\n", "# SPDX-License-Identifier: GPL-2.0\n\nobj-y := a.o\n",
      "# a comment\nimport os\n", "int a;\n#include <x>\n", "%YAML 1.2\n---\n$id: x\n",
      "```\n\n# in code\n\n```\n", "", "\n\n", "    # indented\n\n", "====\n====\n", "a = b\n= c\n",
      "int main() {\n}\n",
    ] {
      #expect(title(text) == nil, "\(text)")
    }
  }

  @Test func titlesAreShort() throws {
    let long = try #require(title("# " + String(repeating: "é", count: 500) + "\n\n"))
    #expect(long == String(repeating: "é", count: 100))
    #expect(title(String(repeating: "x\n", count: 10_000) + "\n# Late\n\n") == nil)
  }

  @Test func anyBytesAreLookedThrough() {
    var random = SeededGenerator(seed: 4)
    let pieces = [
      "#", " ", "=", "\n", "\n\n", "<title>", "<h1", ">", ".SH NAME\n", "```", "é", "-", "a",
    ]
    for _ in 0..<20_000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0..<12, using: &random) {
        bytes += Array(pieces.randomElement(using: &random)!.utf8)
        if Int.random(in: 0..<9, using: &random) == 0 { bytes.append(0xC3) }
      }
      if let range = bytes.withUnsafeBytes({ DocumentTitle.heading(of: $0) }) {
        #expect(!range.isEmpty && range.upperBound <= bytes.count)
        #expect(bytes[range.lowerBound] > 0x20)
      }
    }
  }
}
