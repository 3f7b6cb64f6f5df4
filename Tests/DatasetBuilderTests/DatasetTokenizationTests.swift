import Datasets
import Files
import Foundation
import Storage
import Testing
import Tokenization

@testable import DatasetBuilder

@Suite struct DatasetTokenizationTests {
  /// The real tokenizer that Tools/setup fetches.
  private static let path: String = {
    if let path = ProcessInfo.processInfo.environment["ENGRAM_TOKENIZER"] { return path }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return root.appendingPathComponent(".cache/tokenizer/tokenizer.json").path
  }()

  private static let tokenizer = Result { try Tokenizer(path: path) }

  private func tokenize(
    _ corpus: MadeCorpus, _ change: (inout DatasetTokenization) -> Void = { _ in }
  ) throws -> (report: DatasetTokenization.Report, ids: [[Int32]], starts: [[Int]]) {
    var tokenization = DatasetTokenization(
      of: DatasetReference(name: "corpus"), tokenizer: Self.path, as: "ids")
    change(&tokenization)
    let report = try tokenization.run(in: try Store(path: corpus.store, mode: .writing))
    let dataset = try Dataset(report.version, in: Store(path: corpus.store, mode: .reading))
    let reader = SampleReader(dataset)
    let layout = try #require(dataset.manifest.tokens)
    var ids: [[Int32]] = []
    var starts: [[Int]] = []
    for number in 0..<dataset.count {
      try reader.withSample(number) { bytes in
        let parts = try layout.parts(of: bytes)
        starts.append(parts.starts)
        ids.append(
          stride(from: 0, to: parts.ids.count, by: layout.width).map {
            layout.width == 2
              ? Int32(bytes.loadUnaligned(fromByteOffset: $0, as: UInt16.self))
              : bytes.loadUnaligned(fromByteOffset: $0, as: Int32.self)
          })
      }
    }
    return (report, ids, starts)
  }

  /// The texts in the dataset's order: paths by their bytes.
  private func texts(_ corpus: MadeCorpus) throws -> [(path: String, text: String)] {
    try corpus.files().sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { ($0.key, $0.value) }
  }

  @Test func everyTokenOfTheCorpusIsThereOnce() throws {
    let corpus = try MadeCorpus(files: 300)
    try corpus.run(corpus.ingest)
    let tokenizer = try Self.tokenizer.get()
    let expected = try texts(corpus).map { try tokenizer.encode($0.text) }
    let plain = try tokenize(corpus)
    #expect(plain.ids == expected)
    #expect(plain.report.tokens == expected.reduce(0) { $0 + $1.count })
    let packed = try tokenize(corpus) {
      $0.dataset = "packed"
      $0.packedLength = 512
      $0.endOfDocument = 1
    }
    #expect(packed.ids.flatMap { $0 } == expected.flatMap { $0 + [1] })
    #expect(packed.ids.dropLast().allSatisfy { $0.count == 512 })
    #expect(packed.starts.reduce(0) { $0 + $1.count } == 300)
    let manifest = packed.report.version.manifest
    #expect(manifest.tokenizer?.sha256 == tokenizer.identity.description)
    #expect(manifest.tokens?.length == 512 && manifest.tokens?.hasBoundaries == true)
  }

  @Test func fillInTheMiddleMovesTextAndLosesNone() throws {
    let corpus = try MadeCorpus(files: 60)
    try corpus.run(corpus.ingest)
    let tokenizer = try Self.tokenizer.get()
    let texts = try texts(corpus)
    let cut = try tokenize(corpus) { $0.fillInTheMiddle = .init(rate: 0.7, seed: 5) }
    let again = try tokenize(corpus) {
      $0.dataset = "again"
      $0.fillInTheMiddle = .init(rate: 0.7, seed: 5)
    }
    #expect(cut.ids == again.ids)
    let markers = ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"].compactMap {
      tokenizer.id(for: $0)
    }
    try #require(markers.count == 3)
    var moved = 0
    for (ids, text) in zip(cut.ids, texts) {
      guard ids.first == markers[0] else {
        #expect(ids == (try tokenizer.encode(text.text)))
        continue
      }
      moved += 1
      let parts = ids.split(omittingEmptySubsequences: false) { markers.contains($0) }
        .map { tokenizer.decode($0) }
      // Prefix first: prefix, suffix, middle; suffix first: nothing, suffix, prefix and middle.
      let rebuilt =
        parts[1].isEmpty && parts[2].isEmpty == false && text.text == parts[3] + parts[2]
        ? parts[3] + parts[2] : parts[1] + parts[3] + parts[2]
      #expect(rebuilt == text.text)
    }
    #expect(moved > 25 && moved < 58)
  }

  @Test func filesComeBehindWhatTheyImport() throws {
    let corpus = try MadeCorpus(files: 0)
    let files = [
      "a.py": "import b\n", "b.py": "import c\n", "c.py": "x = 1\n", "d.py": "import a\n",
    ]
    try DurableFile.createFolder(corpus.folder)
    for (name, text) in files {
      try DurableFile.write(text, to: corpus.folder + "/" + name)
    }
    try corpus.run(corpus.ingest)
    let tokenizer = try Self.tokenizer.get()
    let ordered = try tokenize(corpus) { $0.isInDependencyOrder = true }
    #expect(
      ordered.ids.map { tokenizer.decode($0) }
        == ["x = 1\n", "import c\n", "import b\n", "import a\n"])
  }

  @Test func choicesThatDoNotFitAreRefused() throws {
    let corpus = try MadeCorpus(files: 3)
    try corpus.run(corpus.ingest)
    #expect(throws: IngestError.self) { try tokenize(corpus) { $0.packedLength = 0 } }
    #expect(throws: IngestError.self) { try tokenize(corpus) { $0.endOfDocument = 1 << 30 } }
    #expect(throws: IngestError.self) {
      try tokenize(corpus) { $0.fillInTheMiddle = .init(rate: 0.5, markers: ["a", "b"]) }
    }
    #expect(throws: TokenizationError.self) { try tokenize(corpus) { $0.tokenizer = "nothing" } }
    #expect(try tokenize(corpus).report.version.manifest.samples == 3)
    #expect(throws: IngestError.self) {
      try tokenize(corpus) { $0.source = DatasetReference(name: "ids") }
    }
  }
}
