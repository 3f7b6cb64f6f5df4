/// What can go wrong with counts of N-grams. Each prints as one line: what, where, what to do.
public enum CountError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Orders that cannot be counted.
  case badOrders(lower: Int, upper: Int)
  /// More different tokens than a key has room for.
  case vocabularyTooLarge(found: Int, limit: Int)
  /// The limit on memory leaves no room for tables. Bytes.
  case memoryTooSmall(given: Int, needed: Int)
  /// There is nothing to count.
  case noSamples(dataset: String)
  /// No document is long enough.
  case nothingOfOrder(dataset: String, order: Int)
  /// A run file is not as it was written.
  case corruptRun(path: String, offset: Int, reason: String)
  /// A file of a newer format.
  case newerFormat(path: String, found: Int, supported: Int)
  /// Runs that do not belong together.
  case otherRun(path: String, what: String, expected: String, found: String)
  /// Two runs counted the same samples.
  case countedTwice(path: String, from: Int, to: Int)
  /// Samples that no run counted.
  case incomplete(dataset: String, missing: Int, from: Int, to: Int)
  /// More than 2^64 - 1 of something.
  case tooMany(path: String)
  /// A name that counts cannot have.
  case badName(String)
  /// No counts have this name.
  case noSuchCounts(name: String, available: [String])
  /// The counts have no such version.
  case noSuchVersion(name: String, version: Int, available: [Int])
  /// The counts have no N-grams of this order.
  case noSuchOrder(counts: String, order: Int, lower: Int, upper: Int)
  /// A token that cannot occur in these counts.
  case tokenOutOfRange(counts: String, token: Int32, limit: Int)
  /// The tokenizer is not the one that was counted with.
  case otherTokenizer(counts: String, expected: String, found: String)
  /// A page of published counts does not match its checksum.
  case corruptPage(path: String, ngram: String, expected: UInt32, found: UInt32)
  /// A file of published counts is not as it was published.
  case corruptFile(path: String, reason: String)
  /// The disk has too little space for the result. Bytes.
  case diskFull(path: String, needed: Int, free: Int)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .badOrders(let lower, let upper):
      "orders \(lower)-\(upper) cannot be counted; give orders from 1 to 8, the lower one first"
    case .vocabularyTooLarge(let found, let limit):
      "the tokenizer has \(found) ids, counts have room for \(limit); map its tokens, or take "
        + "another tokenizer"
    case .memoryTooSmall(let given, let needed):
      "\(given >> 20) MiB of memory leave no room to count; give \((needed >> 20) + 1)M or more"
    case .noSamples(let dataset):
      "\(dataset) has no sample to count; choose another dataset, or hold less of it out"
    case .nothingOfOrder(let dataset, let order):
      "no document of \(dataset) has \(order) tokens, so there is no N-gram of order \(order); "
        + "count lower orders"
    case .corruptRun(let path, let offset, let reason):
      "\(path) is corrupt at byte \(offset): \(reason); count this part again"
    case .newerFormat(let path, let found, let supported):
      "\(path) has format \(found), this program reads up to \(supported); use a newer engram"
    case .otherRun(let path, let what, let expected, let found):
      "\(path) does not belong to the other runs: its \(what) is \(found), theirs \(expected); "
        + "merge runs of one dataset, tokenizer, token rule and orders"
    case .countedTwice(let path, let from, let to):
      "\(path) counts samples \(from) to \(to - 1), which another run counts, too; leave one out"
    case .incomplete(let dataset, let missing, let from, let to):
      "no run counts samples \(from) to \(to - 1) of \(dataset) (\(missing) are missing in all); "
        + "count them with count-map and merge all runs"
    case .tooMany(let path):
      "\(path) holds counts whose sum does not fit 64 bits; count this part again"
    case .badName(let name):
      "\"\(name)\" is no name of counts; use letters, digits and . _ - /, and @V for a version"
    case .noSuchCounts(let name, let available):
      "there are no counts \(name)"
        + (available.isEmpty
          ? "; make some with engram memory count"
          : "; there are " + available.prefix(10).joined(separator: ", "))
    case .noSuchVersion(let name, let version, let available):
      "\(name) has no version \(version); it has "
        + available.suffix(10).map(String.init).joined(separator: ", ")
    case .noSuchOrder(let counts, let order, let lower, let upper):
      "\(counts) has no N-grams of \(order) tokens; ask for \(lower) to \(upper)"
    case .tokenOutOfRange(let counts, let token, let limit):
      "\(token) is no token of \(counts), which has 0 to \(limit - 1)"
    case .otherTokenizer(let counts, let expected, let found):
      "\(counts) was counted with the tokenizer \(expected.prefix(12))..., the one given is "
        + "\(found.prefix(12))...; give the tokenizer that it was made with"
    case .corruptPage(let path, let ngram, let expected, let found):
      "the page of \(path) that begins with N-gram \(ngram) is corrupt: its checksum is "
        + "\(String(found, radix: 16)), expected \(String(expected, radix: 16)); run engram verify, "
        + "then count again"
    case .corruptFile(let path, let reason):
      "\(path) is corrupt: \(reason); run engram verify, then count again"
    case .diskFull(let path, let needed, let free):
      "\(path) is on a disk with \(free >> 20) MiB free, the result needs \(needed >> 20) MiB; free "
        + "some space there and run the command again, nothing was lost"
    }
  }
}
