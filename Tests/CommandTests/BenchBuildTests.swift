import Files
import Foundation
import TestCheckpoints
import Testing

/// Benchmarks of counting and training, on a dataset that takes a moment.
@Suite(.serialized) struct BenchBuildTests {
  private static let shared: Result<TrainFixture, any Error> = Result {
    let fixture = try TrainFixture()
    atexit { try? DurableFile.remove(BenchBuildTests.shared.get().scratch.path) }
    return fixture
  }
  private let fixture: TrainFixture

  init() throws { fixture = try Self.shared.get() }

  /// Figures by what they are, without the dataset's name.
  private func figures(_ arguments: [String]) throws -> [String: Double] {
    let lines = try expectSuccess(
      ["bench"] + arguments + [
        "--tokenizer", fixture.tokenizer, "--store", fixture.store, "--format", "json",
      ]
    ).objects()
    var figures: [String: Double] = [:]
    for line in lines {
      let what = try #require(line["what"] as? String)
      figures[what.hasPrefix("text, ") ? String(what.dropFirst(6)) : what] =
        try #require(line["value"] as? Double)
    }
    return figures
  }

  @Test func trainingIsMeasuredBesideCountsAndTheHostAlone() throws {
    let work = fixture.scratch("bench")
    let found = try figures([
      "train", "text", "--only", "quality", "--base", "1000", "--dim", "32", "--width", "16",
      "--epochs", "3", "--held-out", "0.1", "--threads", "1", "--rate", "0.1", "--folder", work,
    ])
    func loss(_ what: String) throws -> Double { try #require(found[what]) }
    // Bytes of random words: a trigram knows most of a word's letters, a bigram fewer.
    let trigram = try loss("Kneser-Ney trigram")
    #expect(trigram < 0.6 * (try loss("unigram")))
    #expect(try loss("unigram") < log(27))
    #expect(trigram < (try loss("host trained alone")))
    #expect(try loss("memory on") < 0.85 * loss("memory off"))
    #expect(try loss("memory shuffled") > 0.98 * loss("memory off"))
    let published = try loss("memory on, published as fp8e4m3-e8m0x32")
    #expect(published < 1.01 * (try loss("memory on")))
    let tokens = try loss("tokens learned from") + loss("tokens predicted")
    // 200 documents of 200 to 208 bytes; those held out lose their first.
    #expect((39_900...41_600).contains(tokens))
    #expect(try DurableFile.names(in: work).isEmpty)
  }

  @Test func trainingSpeedIsMeasuredOnOneThreadAndMore() throws {
    let found = try figures([
      "train", "text", "--only", "speed", "--base", "1000", "--dim", "32", "--width", "16",
      "--held-out", "0.1", "--threads", "2", "--seconds", "0.2", "--rounds", "1",
    ])
    #expect(Set(found.keys) == ["training, width 16, 1 thread", "training, width 16, 2 threads"])
    #expect(found.values.allSatisfy { $0 > 0 })
  }

  @Test func countsAreMeasuredAndDropped() throws {
    let found = try figures([
      "count", "text", "--orders", "2-3", "--raw-tokens", "--memory", "1G",
    ])
    #expect(found["order 2, total"] == (found["order 3, total"] ?? 0) + 200)
    #expect(try #require(found["most memory"]) > 1)
    #expect(try #require(found["tokens counted, all orders"]) > 0)
    let list = try expectSuccess([
      "memory", "counts", "list", "--format", "json", "--store", fixture.store,
    ])
    #expect(try list.objects().isEmpty)
  }

  @Test func whatCannotBeMeasuredIsOneLine() throws {
    for (arguments, words) in [
      (["train", "nothing"], "nothing"),
      (["train", "text", "--dim", "12"], "12"),
      (["count", "nothing"], "nothing"),
    ] {
      let outcome = try engram(
        ["bench"] + arguments + ["--tokenizer", fixture.tokenizer, "--store", fixture.store])
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains(words))
    }
  }
}
