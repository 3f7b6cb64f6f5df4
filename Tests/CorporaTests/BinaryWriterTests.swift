import Files
import Foundation
import Samples
import SeededRandom
import StrictJSON
import TestCheckpoints
import Testing

@testable import Corpora

/// JSON lines and files, and what all writers promise: all or nothing.
@Suite struct BinaryWriterTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func lines(
    _ samples: [[UInt8]], kind: SampleKind, tokens: TokenLayout? = nil
  ) throws -> String {
    try write(
      samples, .jsonl, to: scratch("o.jsonl"), kind: kind, tokens: tokens, overwrite: true)
    return String(decoding: try DurableFile.read(scratch("o.jsonl")), as: UTF8.self)
  }

  @Test func documentsAreLinesWithTheirMetadataAsItWas() throws {
    let samples = [
      documentBytes(
        #"{"a":1.50,"id":"x\"y","z":{"q":[1, 2,{"b":"}"}]}}"#, "tab\tquote\"\\\u{1}é\n"),
      documentBytes("{}", ""), documentBytes(#"{"id":7}"#, "\u{7F}"),
    ]
    #expect(
      try lines(samples, kind: .document)
        == #"{"id":"x\"y","text":"tab\tquote\"\\\u0001é\n","a":1.50,"z":{"q":[1, 2,{"b":"}"}]}}"#
        + "\n" + #"{"id":1,"text":""}"# + "\n" + #"{"id":7,"text":"\#u{7F}"}"# + "\n")
  }

  @Test func tokensAndBytesAreLines() throws {
    let layout = TokenLayout(width: 2, hasBoundaries: true)
    var sample: [UInt8] = []
    layout.append(ids: [0, 65535, 10], starts: [1], to: &sample)
    #expect(
      try lines([sample], kind: .tokens, tokens: layout)
        == #"{"id":0,"tokens":[0,65535,10],"starts":[1]}"# + "\n")
    #expect(
      try lines([[], [0xFF], [1, 2], [1, 2, 3]], kind: .bytes)
        == ["", "/w==", "AQI=", "AQID"].enumerated()
        .map { #"{"id":\#($0.offset),"bytes":"\#($0.element)"}"# + "\n" }.joined())
  }

  @Test func everyTextComesBackFromJSON() throws {
    var generator = SeededGenerator(seed: 31)
    let alphabet = Array("ab\"\\\n\r\t\u{0}\u{1F}\u{8}\u{C}/é漢😀\u{2028}".unicodeScalars)
    let texts = (0..<200).map { _ in
      var text = ""
      for _ in 0..<Int.random(in: 0...80, using: &generator) {
        text.unicodeScalars.append(alphabet.randomElement(using: &generator)!)
      }
      return text
    }
    let all = try lines(texts.map { documentBytes("{}", $0) }, kind: .document)
    let found = try all.utf8.split(separator: 10).map { line in
      let members = try JSONDocument(Array(line)).root.members
      return try #require(members).first { $0.name.elementsEqual("text".utf8) }?.value.text
    }
    #expect(found.map { $0.map { Array($0.utf8) } } == texts.map { Array($0.utf8) })
  }

  @Test func samplesThatCannotBeWrittenAreErrors() throws {
    let bad: [([UInt8], String)] = [
      (documentBytes(#"{"text":1}"#, "x"), "member text"), (documentBytes("[1]", "x"), "no JSON"),
      (documentBytes(#"{"a":"#, "x"), "no JSON"), ([1, 2], "no document"),
      (documentBytes("{}", "") + [0xFF], "not UTF-8"),
    ]
    for (sample, reason) in bad {
      let error = #expect(throws: CorpusWriterError.self) {
        try write([sample], .jsonl, to: scratch("o.jsonl"), kind: .document)
      }
      #expect("\(try #require(error))".contains(reason))
      #expect(try DurableFile.names(in: scratch.path).isEmpty, "something was left behind")
    }
  }

  @Test func anUnfinishedWriterLeavesNothing() throws {
    let sample = documentBytes(#"{"id":"a","path":"a"}"#, "x")
    for format in CorpusWriterFormat.allCases where format != .megatron {
      do {
        let writer = try format.makeWriter(to: scratch("o"), kind: .document)
        try sample.withUnsafeBytes { try writer.append($0, number: 0) }
        #expect(!FileManager.default.fileExists(atPath: scratch("o")), "there before the end")
      }
      #expect(try DurableFile.names(in: scratch.path).isEmpty, "\(format) left something")
      try write([sample], format, to: scratch("o"), kind: .document)
      #expect(throws: CorpusWriterError.exists(path: scratch("o"))) {
        try write([sample], format, to: scratch("o"), kind: .document)
      }
      if format != .files {
        try write([sample], format, to: scratch("o"), kind: .document, overwrite: true)
      }
      #expect(try DurableFile.names(in: scratch.path) == ["o"])
      try DurableFile.remove(scratch("o"))
    }
  }

  /// A crash between two renames would leave nothing under the name.
  @Test func anExportIsThereWhileItIsReplaced() throws {
    let sample = documentBytes(#"{"id":1}"#, "one")
    try write([sample], .mds, to: scratch("o"), kind: .document)
    let index = scratch("o/index.json")
    let watcher = Watcher(path: index)
    watcher.start()
    for _ in 0..<100 {
      try write([sample], .mds, to: scratch("o"), kind: .document, overwrite: true)
    }
    #expect(watcher.stop() == 0, "the export was gone for a moment")
    #expect(try DurableFile.names(in: scratch.path) == ["o"])
  }

  @Test func foldersOfOthersAreNotReplaced() throws {
    try DurableFile.createFolder(scratch("o"))
    _ = try scratch.write([1], "o/thesis.tex")
    for format in [CorpusWriterFormat.mds, .webdataset, .files] {
      #expect(throws: CorpusWriterError.foreign(path: scratch("o"), format: format)) {
        try write([], format, to: scratch("o"), kind: .document, overwrite: true)
      }
    }
    #expect(throws: CorpusWriterError.exists(path: scratch("o"))) {
      try write([], .jsonl, to: scratch("o"), kind: .document, overwrite: true)
    }
    #expect(try DurableFile.names(in: scratch("o")) == ["thesis.tex"])
  }

  @Test func filesGoToTheirPaths() throws {
    try write(
      [
        documentBytes(#"{"id":1,"path":"a/b/c.txt"}"#, "one"),
        documentBytes(#"{"id":"a/d\u00e9.md"}"#, "two"),
      ], .files, to: scratch("o"), kind: .document)
    #expect(try DurableFile.read(scratch("o/a/b/c.txt")) == Array("one".utf8))
    #expect(try DurableFile.read(scratch("o/a/dé.md")) == Array("two".utf8))
  }

  @Test func pathsThatLeaveTheFolderOrClashAreErrors() throws {
    for paths in [
      ["../x"], ["/etc/x"], ["a/../../x"], ["a//b"], ["."], [""], ["a\\u0000b"], ["a", "a"],
      ["a", "a/b"], ["a/b", "a"],
    ] {
      #expect(throws: CorpusWriterError.self, "\(paths)") {
        try write(
          paths.map { documentBytes("{\"path\":\"\($0)\"}", "x") }, .files, to: scratch("o"),
          kind: .document)
      }
      #expect(try DurableFile.names(in: scratch.path).isEmpty, "\(paths) left something")
    }
  }
}

/// Looks for a file again and again, from a thread of its own, and counts when it is not there.
private final class Watcher: @unchecked Sendable {
  private let path: String
  private let lock = NSLock()
  private var isOver = false
  private var misses = 0
  private let ended = DispatchSemaphore(value: 0)

  init(path: String) { self.path = path }

  func start() {
    Thread.detachNewThread { [self] in
      while true {
        let isMissing = access(path, F_OK) != 0
        let goesOn = lock.withLock {
          if isMissing { misses += 1 }
          return !isOver
        }
        if !goesOn { break }
      }
      ended.signal()
    }
  }

  /// How often it was not there.
  func stop() -> Int {
    lock.withLock { isOver = true }
    ended.wait()
    return lock.withLock { misses }
  }
}
