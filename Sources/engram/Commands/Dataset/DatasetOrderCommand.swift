import ArgumentParser
import Datasets
import SampleOrder

/// The order of an epoch.
struct DatasetOrderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order",
    abstract: "Print the order of an epoch, or one hash of it.",
    discussion: """
      Without --rank the whole epoch's sample numbers, a line each; with it, those of one rank. \
      --digest reads the epoch as all ranks and workers do and prints SHA-256 over the numbers: \
      equal digests are equal orders. --resume-at stops there and goes on with other ranks.

        engram dataset order corpus --seed 7 --epoch 0 --ranks 8 --digest
        engram dataset order corpus --seed 7 --ranks 8 --rank 3 --limit 10
        engram dataset order corpus --seed 7 --ranks 8 --resume-at 1000 --resume-ranks 3 --digest
      """)

  /// How an epoch is shuffled.
  enum Order: String, ExpressibleByArgument, CaseIterable {
    case global
    case chunked
    case sequential
  }

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "dataset"))
  var dataset: String

  @Option(help: ArgumentHelp("The run's seed.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("The epoch, from 0.", valueName: "number"))
  var epoch = 0

  @Option(help: "Over all samples, over chunks and then within windows of them, or not at all.")
  var order: Order = .global

  @Option(help: ArgumentHelp("Chunks of a window, for --order chunked.", valueName: "chunks"))
  var window = 64

  @Option(help: ArgumentHelp("How many ranks read.", valueName: "count"))
  var ranks = 1

  @Option(help: ArgumentHelp("How many workers each rank has.", valueName: "count"))
  var workers = 1

  @Option(help: ArgumentHelp("Only this rank's samples.", valueName: "number"))
  var rank: Int?

  @Option(help: ArgumentHelp("Only this worker's samples; needs --rank.", valueName: "number"))
  var worker: Int?

  @Option(help: ArgumentHelp("Where the run was interrupted.", valueName: "position"))
  var resumeAt: Int?

  @Option(help: ArgumentHelp("Ranks from there on (default: as before).", valueName: "count"))
  var resumeRanks: Int?

  @Flag(help: "Print one hash of the whole epoch's order.")
  var digest = false

  @Option(help: ArgumentHelp("Print at most so many numbers.", valueName: "count"))
  var limit: Int?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard epoch >= 0 else { throw ValidationError("--epoch counts from 0") }
    guard limit ?? 0 >= 0 else { throw ValidationError("--limit takes a count, from 0") }
    guard !digest || (rank == nil && worker == nil && limit == nil) else {
      throw ValidationError("--digest is of the whole epoch; leave --rank, --worker, --limit away")
    }
    guard worker == nil || rank != nil else { throw ValidationError("--worker needs --rank") }
    guard resumeRanks == nil || resumeAt != nil else {
      throw ValidationError("--resume-ranks needs --resume-at")
    }
  }

  private struct Digest: Encodable {
    var dataset: String
    var identity: String
    var order: String
    var seed: UInt64
    var epoch: Int
    var ranks: Int
    var workers: Int
    var resumeAt: Int?
    var resumeRanks: Int?
    var samples: Int
    var digest: String
  }

  private struct Line: Encodable {
    var position: Int
    var sample: Int
  }

  func run() throws {
    let dataset = try Dataset(DatasetReference(parsing: dataset), in: store.open(.reading))
    let kind: EpochOrder.Kind =
      switch order {
      case .global: .global
      case .chunked: .chunked(window: window)
      case .sequential: .sequential
      }
    let epochOrder = try dataset.order(kind, seed: seed, epoch: epoch)
    Interruption.watch()
    if digest {
      try printDigest(of: epochOrder, dataset)
    } else {
      try printSamples(of: epochOrder)
    }
  }

  private func printDigest(of order: EpochOrder, _ dataset: Dataset) throws {
    var stretches = [OrderDigest.Stretch(ranks: ranks, workers: workers)]
    if let resumeAt {
      stretches.append(.init(start: resumeAt, ranks: resumeRanks ?? ranks, workers: workers))
    }
    let bar = ProgressBar("ordering")
    defer { bar.clear() }
    // A sample's number is 8 bytes.
    let digest = try OrderDigest.digest(of: order, readBy: stretches) {
      try bar.update($0 * 8, order.count * 8)
    }
    bar.clear()
    switch output.format {
    case .text: print(digest)
    case .json:
      try JSONLine.print(
        Digest(
          dataset: dataset.version.title, identity: dataset.manifest.identity,
          order: self.order.rawValue, seed: seed, epoch: epoch, ranks: ranks, workers: workers,
          resumeAt: resumeAt, resumeRanks: resumeRanks, samples: order.count,
          digest: digest.description))
    }
  }

  private func printSamples(of order: EpochOrder) throws {
    let ranks = resumeAt == nil ? self.ranks : resumeRanks ?? self.ranks
    // Checks the numbers of ranks and workers even where all of them are shown.
    var shard = try RankShard(
      rank: rank ?? 0, ranks: ranks, worker: worker ?? 0,
      workers: worker == nil && rank != nil ? 1 : workers)
    if rank == nil { shard = try RankShard(rank: 0, ranks: 1) }
    let samples = try shard.samples(of: order, from: resumeAt ?? 0)
    for (position, sample) in zip(samples.positions, samples).prefix(limit ?? .max) {
      if position.isMultiple(of: 1024) { try Interruption.check() }
      switch output.format {
      case .text: print(sample)
      case .json: try JSONLine.print(Line(position: position, sample: sample))
      }
    }
  }
}
