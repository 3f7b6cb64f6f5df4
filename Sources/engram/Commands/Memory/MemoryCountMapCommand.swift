import ArgumentParser
import Datasets
import NgramCounts

/// The map step of counting: one part of a dataset into a run file.
struct MemoryCountMapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "count-map",
    abstract: "Count the N-grams of one part of a dataset into a run file.",
    discussion: """
      Part I of N is every sample from (I-1)/N to I/N of the dataset. The parts can be counted \
      beside one another, on any machines that have the dataset; count-merge adds their files up. \
      Nothing is written to the store.

        engram memory count-map corpus --tokenizer tokenizer.json --partition 1/2 --to 1.run
        engram memory count-map corpus --tokenizer tokenizer.json --partition 2/2 --to 2.run
        engram memory count-merge 1.run 2.run --as corpus
      """)

  @OptionGroup var options: CountOptions

  @Option(help: ArgumentHelp("Which part of how many.", valueName: "i/n"))
  var partition = "1/1"

  @Option(help: ArgumentHelp("The run file.", valueName: "file"))
  var to: String

  @OptionGroup var store: StoreOptions

  func validate() throws { _ = try part }

  private var part: (index: Int, count: Int) {
    get throws {
      let numbers = partition.split(separator: "/", omittingEmptySubsequences: false).map {
        Int($0)
      }
      guard numbers.count == 2, let index = numbers[0], let count = numbers[1], index >= 1,
        index <= count, count <= 1 << 20
      else { throw ValidationError("--partition takes I/N, I from 1 to N, for example 2/8") }
      return (index, count)
    }
  }

  func run() throws {
    let store = try store.open(.reading)
    Interruption.watch()
    var counting = try options.counting(in: store)
    let (index, count) = try part
    counting.samples = NgramCounting.partition(
      index, of: count, samples: counting.samples.upperBound)
    let bar = CountProgressBar()
    defer { bar.clear() }
    try counting.write(to: to, work: options.resources.work) { try bar.update($0) }
    bar.clear()
    print(to)
  }
}
