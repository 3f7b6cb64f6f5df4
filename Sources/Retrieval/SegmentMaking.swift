import Bitsets
import Datasets
import PassageIndex
import Samples
import Storage
import Terms

/// Indexes some samples of a dataset: each thread a stretch of neighbouring ones, in segments as
/// large as its memory allows, which it merges in the end.
struct SegmentMaking: Sendable {
  let work: IndexWork
  /// The samples' numbers, ascending.
  let samples: [Int]
  /// Of all samples of the dataset.
  let digests: [UInt64]

  /// Bytes of memory that a word on its way takes: itself, sorted again, its share of the tables.
  private static let bytesOfWord = 24

  func run() throws -> (parts: [IndexWork.Part], textBytes: Int) {
    guard !samples.isEmpty else { return ([], 0) }
    let reader = SampleReader(work.dataset)
    let sizes = try samples.map { try reader.size(of: $0) }
    let ticker = try ProgressTicker(
      .indexing, total: sizes.reduce(0, +), report: work.builder.progress)
    let stretches = stretches(sizes)
    let results = try Workers.map(
      stretches.count, threads: work.builder.resources.threads
    ) { number, isCancelled in
      try index(samples[stretches[number]], ticker: ticker, isCancelled)
    }
    return (
      results.map(\.part),
      results.reduce(0) { $0 + $1.textBytes }
    )
  }

  /// Stretches of `samples` of about the same number of bytes.
  private func stretches(_ sizes: [Int]) -> [Range<Int>] {
    let total = sizes.reduce(0, +)
    // A few documents are not worth two segments.
    let count = total < 4 << 20 ? 1 : work.builder.resources.threads
    var stretches: [Range<Int>] = []
    var start = 0
    var sum = 0
    for (index, size) in sizes.enumerated() {
      sum += size
      if stretches.count + 1 < count, sum >= total / count * (stretches.count + 1) {
        stretches.append(start..<index + 1)
        start = index + 1
      }
    }
    if start < samples.count { stretches.append(start..<samples.count) }
    return stretches
  }

  /// A segment that is being filled, and the samples that went in.
  private struct Run {
    var id: String
    var path: String
    var builder: SegmentBuilder
    var samples: [UInt32] = []
  }

  private func newRun() throws -> Run {
    let (id, path) = try work.newFolder()
    let words = work.builder.resources.memory / work.builder.resources.threads / Self.bytesOfWord
    return Run(
      id: id, path: path,
      builder: try SegmentBuilder(
        folder: path, id: id, normalizer: work.builder.normalizer, occurrences: words))
  }

  /// Indexes neighbouring samples into one segment.
  private func index(
    _ samples: ArraySlice<Int>, ticker: ProgressTicker, _ isCancelled: () -> Bool
  ) throws -> (part: IndexWork.Part, textBytes: Int) {
    let texts = SampleText(work.dataset, tokenizer: work.builder.tokenizer)
    let reader = WordReader()
    var words = Words()
    var finished: [IndexWork.Part] = []
    var run = try newRun()
    var textBytes = 0
    for sample in samples {
      if isCancelled() { throw CancellationError() }
      try texts.withText(sample) { text, metadata in
        try reader.read(text, into: &words)
        let spans = try cut(words, text: text)
        if !run.builder.hasRoom(words: words.words.count, passages: spans.count) {
          finished.append(try finish(run))
          run = try newRun()
        }
        try run.builder.append(
          digest: digests[sample], textBytes: text.count, metadata: metadata, words: words,
          spans: spans)
        run.samples.append(UInt32(sample))
        textBytes += text.count
      }
      try ticker.advance(by: texts.reader.size(of: sample))
    }
    finished.append(try finish(run))
    guard finished.count > 1 else { return (finished[0], textBytes) }
    // Terms are no bytes: the bar waits, but Ctrl-C is heard.
    let merged = try Compaction(work: work).merge(finished) { _ in try ticker.advance(by: 0) }
    return (merged, textBytes)
  }

  private func cut(_ words: Words, text: UnsafeRawBufferPointer) throws -> [PassageSpan] {
    let limit = work.builder.options.passageTokens
    let weights = try work.builder.tokenizer.map {
      try PassageCutter.weights(of: words, text: text, tokenizer: $0)
    }
    return PassageCutter.cut(words, text: text, limit: limit, weights: weights)
  }

  private func finish(_ run: Run) throws -> IndexWork.Part {
    _ = try run.builder.finish()
    return IndexWork.Part(
      segment: try Segment(folder: run.path, id: run.id), samples: run.samples, baseNumber: nil)
  }
}
