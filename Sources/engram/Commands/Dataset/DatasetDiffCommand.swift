import ArgumentParser
import Datasets

/// What differs between two versions.
struct DatasetDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show which samples two dataset versions do not share.",
    discussion: """
      Documents are told by the id in their metadata: added (+), removed (-) and changed (~). \
      Samples of chunks that both versions share are not read.

        engram dataset diff corpus@1 corpus@2
        engram dataset diff corpus@1 corpus --names --format json | jq '.changed[].name'
      """)

  @Argument(help: ArgumentHelp("The earlier one, NAME or NAME@V.", valueName: "from"))
  var from: String

  @Argument(help: ArgumentHelp("The later one, NAME or NAME@V.", valueName: "to"))
  var to: String

  @Flag(help: "Name all samples that differ, not only the first of each kind.")
  var names = false

  @Option(
    name: .customShort("n"), help: ArgumentHelp("How many to name of each.", valueName: "count"))
  var count = 10

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    struct Counts: Encodable {
      var added: Int
      var removed: Int
      var changed: Int
      var unchanged: Int
    }

    var from: String
    var to: String
    var samples: Counts
    var chunks: ChunkChange
    var added: [DatasetDiff.Entry]
    var removed: [DatasetDiff.Entry]
    var changed: [DatasetDiff.Entry]
  }

  func validate() throws {
    guard count >= 0 else { throw ValidationError("-n takes a count, from 0") }
  }

  func run() throws {
    let store = try store.open(.reading)
    let earlier = try store.datasetVersion(DatasetReference(parsing: from))
    let later = try store.datasetVersion(DatasetReference(parsing: to))
    Interruption.watch()
    let bar = ProgressBar("comparing")
    defer { bar.clear() }
    let diff = try store.diff(earlier, later) {
      try bar.update($0 * 16, $1 * 16, detail: "samples")
    }
    bar.clear()
    let shown = names ? Int.max : count
    let line = Line(
      from: earlier.title, to: later.title,
      samples: .init(
        added: diff.added.count, removed: diff.removed.count, changed: diff.changed.count,
        unchanged: diff.unchanged),
      chunks: diff.chunks, added: Array(diff.added.prefix(shown)),
      removed: Array(diff.removed.prefix(shown)), changed: Array(diff.changed.prefix(shown)))
    switch output.format {
    case .json: try JSONLine.print(line)
    case .text: show(line)
    }
  }

  private func show(_ line: Line) {
    let (samples, chunks) = (line.samples, line.chunks)
    print("\(line.from) to \(line.to)")
    print(
      "samples: \(samples.added) added, \(samples.removed) removed, \(samples.changed) changed, "
        + "\(samples.unchanged) the same")
    print(
      "chunks: \(chunks.shared) shared (\(ByteCount.text(chunks.sharedBytes))), "
        + "\(chunks.added) new (\(ByteCount.text(chunks.addedBytes))), "
        + "\(chunks.removed) no longer used (\(ByteCount.text(chunks.removedBytes)))")
    for (sign, entries, count) in [
      ("+", line.added, samples.added), ("-", line.removed, samples.removed),
      ("~", line.changed, samples.changed),
    ] {
      for entry in entries { print("\(sign) \(SingleLine.text(entry.name))") }
      if entries.count < count {
        print("\(sign) and \(count - entries.count) more; --names for all")
      }
    }
  }
}
