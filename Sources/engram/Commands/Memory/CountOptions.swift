import ArgumentParser
import Datasets
import Foundation
import NgramCounts
import Storage
import TokenStreams
import Tokenization

/// The options that say what is counted, and with how much of the machine.
struct CountOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "dataset"))
  var dataset: String

  @Option(help: ArgumentHelp("The tokenizer.json whose tokens are counted.", valueName: "file"))
  var tokenizer: String

  @Option(help: ArgumentHelp("Tokens of an N-gram, from 1 to 8.", valueName: "from-to"))
  var orders = "2-4"

  @Flag(help: "Count token ids as they are, not compressed by the tokenizer's token map.")
  var rawTokens = false

  @Option(
    help: ArgumentHelp(
      "The share of samples that is left out, to be reported on later: 1% or 0.01.",
      valueName: "share"))
  var heldOut: String?

  @Option(help: ArgumentHelp("Which samples these are follows from it.", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup var resources: CountResources

  func validate() throws {
    _ = try range
    _ = try selection
  }

  private var range: ClosedRange<Int> {
    get throws {
      let ends = orders.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first >= 1, first <= last, last <= CountSubject.orderLimit
      else { throw ValidationError("--orders takes 2-4 or 3, from 1 to 8") }
      return first...last
    }
  }

  private var selection: NgramCounting.Selection {
    get throws {
      guard let heldOut else { return .all }
      guard let share = Share.parse(heldOut), share < 1 else {
        throw ValidationError("--held-out takes a share below one: 1% or 0.01")
      }
      return .leavingOut(HeldOut(share: share, seed: seed))
    }
  }

  /// The dataset, opened, and how it is counted.
  func counting(in store: Store) throws -> NgramCounting {
    let dataset = try Dataset(DatasetReference(parsing: dataset), in: store)
    return try NgramCounting(
      dataset: dataset, tokenizer: Tokenizer(path: tokenizer), orders: range, mapped: !rawTokens,
      memory: resources.bytes, threads: resources.threads, selection: selection)
  }
}

/// The options that say how much of the machine counting may use.
struct CountResources: ParsableArguments {
  @Option(help: ArgumentHelp("The most memory of the whole process.", valueName: "size"))
  var memory = "2G"

  @Option(help: ArgumentHelp("Worker threads (default: one a core).", valueName: "count"))
  var threads = 0

  @Option(
    help: ArgumentHelp(
      "A folder for what does not fit in memory (default: beside the result).",
      valueName: "folder"))
  var work: String?

  func validate() throws {
    _ = try bytes
    guard (0...1024).contains(threads) else {
      throw ValidationError("--threads takes a count up to 1024")
    }
  }

  var bytes: Int {
    get throws {
      guard let bytes = ByteCount.parse(memory) else {
        throw ValidationError("--memory takes a size: 2G, 512M")
      }
      return bytes
    }
  }
}

/// Parts of a whole, as people write them.
enum Share {
  /// Reads "1%" or "0.01": from 0, which is nothing, to 1.
  static func parse(_ text: String) -> Double? {
    let isPercent = text.hasSuffix("%")
    guard let number = Double(isPercent ? String(text.dropLast()) : text) else { return nil }
    let share = isPercent ? number / 100 : number
    return share >= 0 && share <= 1 ? share : nil
  }
}
