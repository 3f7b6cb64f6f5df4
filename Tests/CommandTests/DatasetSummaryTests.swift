import Datasets
import Digests
import Files
import Foundation
import SampleOrder
import Storage
import Testing

@Suite struct DatasetSummaryTests {
  private let store: DatasetFixture

  init() throws { store = try DatasetFixture.shared.get() }

  @Test func diffNamesWhatDiffers() throws {
    let line = try #require(
      store.succeed("dataset", "diff", "docs@1", "docs@2", "--format", "json").objects().first)
    func names(_ kind: String) -> [String?] {
      (line[kind] as? [[String: Any]] ?? []).map { $0["name"] as? String }
    }
    #expect(names("added") == ["new"] && names("removed") == ["doc200"])
    #expect(names("changed") == ["doc7"])
    let samples = line["samples"] as? [String: Int]
    #expect(samples == ["added": 1, "removed": 1, "changed": 1, "unchanged": 298])
    #expect((line["chunks"] as? [String: Int])?["added"] == 1)
    let back = try store.succeed("dataset", "diff", "docs@2", "docs@1").text
    for word in ["+ doc200", "- new", "~ doc7", "1 added, 1 removed, 1 changed, 298 the same"] {
      #expect(back.contains(word), "\(back)")
    }
    let same = try store.succeed("dataset", "diff", "docs", "docs@2").text
    #expect(same.contains("0 added, 0 removed, 0 changed, 300 the same"))
    let few = try store.succeed("dataset", "diff", "docs@1", "docs@2", "-n", "0").text
    #expect(few.contains("+ and 1 more") && !few.contains("doc7"))
  }

  @Test func statsAreThoseOfTheSamples() throws {
    let sizes = DatasetFixture.first.map(\.bytes.count).sorted()
    let line = try #require(
      store.succeed("dataset", "stats", "docs@1", "--format", "json").objects().first)
    #expect(line["samples"] as? Int == 300 && line["unit"] as? String == "bytes")
    #expect(line["total"] as? Int == sizes.reduce(0, +) && line["max"] as? Int == sizes.last)
    #expect(line["median"] as? Int == sizes[149] && line["p99"] as? Int == sizes[296])
    let bins = try #require(line["histogram"] as? [[String: Any]])
    #expect(bins.reduce(0) { $0 + ($1["samples"] as? Int ?? 0) } == 300)
    #expect(Self.sources(line) == ["rest": 270, "ten": 30])
    let byExtension = try store.succeed(
      "dataset", "stats", "docs@1", "--by", "extension", "--format", "json"
    ).objects()
    #expect(Self.sources(byExtension[0]) == [".txt": 10, ".md": 290])
    let byLanguage = try store.succeed("dataset", "stats", "docs@1", "--by", "language").text
    #expect(byLanguage.contains("(no language)") && byLanguage.contains("###"))
  }

  private static func sources(_ line: [String: Any]) -> [String: Int] {
    Dictionary(
      uniqueKeysWithValues: (line["sources"] as? [[String: Any]] ?? []).map {
        ($0["name"] as? String ?? "", $0["documents"] as? Int ?? 0)
      })
  }

  @Test func statsOfTokensCountIds() throws {
    let line = try #require(
      store.succeed("dataset", "stats", "ids", "--format", "json").objects().first)
    #expect(line["unit"] as? String == "tokens" && line["total"] as? Int == 49 * 50 / 2)
    #expect(line["empty"] as? Int == 1 && line["sources"] == nil)
  }

  @Test func statsDrawPictures() throws {
    let (png, svg) = (store.scratch("stats.png"), store.scratch("stats.svg"))
    try store.succeed("dataset", "stats", "docs", "--plot", png)
    try store.succeed("dataset", "stats", "docs", "--plot", svg)
    #expect(try DurableFile.read(png).starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(String(decoding: try DurableFile.read(svg), as: UTF8.self).contains("<svg"))
    expectFailure(
      try store.run("dataset", "stats", "docs", "--plot", store.scratch("stats.gif")), [".png"])
  }

  @Test(arguments: ["global", "chunked", "sequential"])
  func theOrderIsThatOfTheLibraryForAllRanks(shuffle: String) throws {
    let dataset = try Dataset(
      DatasetReference(name: "docs"), in: Store(path: store.path, mode: .reading))
    let kind: EpochOrder.Kind =
      shuffle == "global" ? .global : shuffle == "chunked" ? .chunked(window: 3) : .sequential
    let expected = try dataset.order(kind, seed: 7, epoch: 2)
    let numbers = (0..<300).map { expected[$0] }
    #expect(numbers.sorted() == Array(0..<300))
    let options = ["--order", shuffle, "--window", "3", "--seed", "7", "--epoch", "2"]
    func order(_ arguments: String...) throws -> String {
      try expectSuccess(
        ["dataset", "order", "docs", "--store", store.path] + options + arguments
      ).text
    }
    func lines(_ numbers: some Sequence<Int>) -> String { numbers.map { "\($0)\n" }.joined() }
    #expect(try order() == lines(numbers))
    #expect(
      try order("--ranks", "8", "--rank", "3", "--limit", "5")
        == lines((0..<5).map { numbers[3 + 8 * $0] }))
    #expect(
      try order("--ranks", "8", "--resume-at", "100", "--resume-ranks", "3", "--rank", "1")
        == lines(stride(from: 101, to: 300, by: 3).map { numbers[$0] }))
    let words = numbers.map { UInt64($0).littleEndian }
    let digest = words.withUnsafeBytes { SHA256Digest(of: $0) }.description + "\n"
    #expect(try order("--digest") == digest)
    #expect(try order("--digest", "--ranks", "64", "--workers", "2") == digest)
    #expect(
      try order("--digest", "--ranks", "8", "--resume-at", "101", "--resume-ranks", "3") == digest)
  }

  @Test func theDigestDependsOnSeedAndEpoch() throws {
    let digests = try [["0", "0"], ["1", "0"], ["0", "1"]].map {
      try store.succeed(
        "dataset", "order", "docs", "--digest", "--seed", $0[0], "--epoch", $0[1], "--format",
        "json"
      ).objects()[0]["digest"] as? String
    }
    #expect(Set(digests).count == 3)
  }
}
