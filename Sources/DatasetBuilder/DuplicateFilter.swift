import Corpora
import Deduplication
import Samples

/// Leaves samples out whose like is in already. Only what is kept is compared with, so that the
/// same sources leave the same samples, however often the run was interrupted.
public struct DuplicateFilter: Sendable {
  /// Which samples are duplicates.
  public struct Options: Sendable {
    /// Samples whose content (of documents: the text) is that of one before.
    public var removesExact = false
    /// Documents at least this similar to one before; `nil`: not looked for.
    public var nearThreshold: Double?
    /// Memory for finding them, in bytes.
    public var memory = 1 << 30

    /// None.
    public init() {}
  }

  /// What has to be known of a sample; made beside one another by the threads that read.
  struct Keys: Sendable {
    var content: ContentKey?
    var signature: MinHashSignature?
  }

  /// Makes keys.
  struct KeyMaker: Sendable {
    let kind: SampleKind
    let makesContent: Bool
    let makesSignature: Bool

    /// The keys of a batch's samples.
    func keys(of batch: RecordBatch) throws -> [Keys] {
      var keys: [Keys] = []
      keys.reserveCapacity(batch.ends.count)
      var start = 0
      try batch.bytes.withUnsafeBytes { bytes in
        for end in batch.ends {
          keys.append(try self.keys(of: UnsafeRawBufferPointer(rebasing: bytes[start..<end])))
          start = end
        }
      }
      return keys
    }

    /// The keys of a sample: of a document, those of its text.
    func keys(of sample: UnsafeRawBufferPointer) throws -> Keys {
      var content = sample
      if kind == .document {
        content = UnsafeRawBufferPointer(rebasing: sample[try DocumentSample(sample).text])
      }
      return Keys(
        content: makesContent ? ContentKey(of: content) : nil,
        signature: makesSignature ? MinHashSignature(of: content) : nil)
    }
  }

  /// How a sample is like one before.
  enum Likeness {
    case exact
    case near
  }

  /// Makes the keys that `check` takes.
  let keyMaker: KeyMaker
  private var exact: ExactDuplicates?
  private var near: NearDuplicates?
  private var kept = 0

  /// - Returns: `nil` where nothing is to be left out.
  /// - Throws: `DeduplicationError` for a memory or a threshold out of range;
  ///   `IngestError.badOption` where samples are no documents.
  init?(_ options: Options, kind: SampleKind) throws {
    guard options.removesExact || options.nearThreshold != nil else { return nil }
    let isBoth = options.removesExact && options.nearThreshold != nil
    if options.removesExact {
      exact = try ExactDuplicates(memory: isBoth ? options.memory / 8 : options.memory)
    }
    if let threshold = options.nearThreshold {
      guard kind == .document else {
        throw IngestError.badOption(
          "similar \(kind.rawValue) cannot be found; leave --near-dedup away, or ingest documents")
      }
      near = try NearDuplicates(
        threshold: threshold, memory: isBoth ? options.memory / 8 * 7 : options.memory)
    }
    keyMaker = KeyMaker(
      kind: kind, makesContent: options.removesExact, makesSignature: options.nearThreshold != nil)
  }

  /// Kept samples that had to be forgotten.
  var forgotten: Int { max(exact?.forgotten ?? 0, near?.forgotten ?? 0) }

  /// Whether a sample is like a kept one; if not, it is one of them from now on.
  mutating func check(_ keys: Keys) throws -> Likeness? {
    if let key = keys.content, exact?.number(of: key) != nil { return .exact }
    if let signature = keys.signature, near?.insert(signature, number: kept) != nil { return .near }
    if let key = keys.content { _ = exact?.insert(key, number: kept) }
    kept += 1
    return nil
  }

  /// Makes a sample that is in already one of the kept.
  mutating func remember(sample: UnsafeRawBufferPointer) throws {
    _ = try check(try keyMaker.keys(of: sample))
  }
}
