import Datasets
import Foundation
import Samples
import Storage
import Tokenization

/// Makes a dataset of token ids of a dataset of documents: encodes on all cores, in order, packs,
/// and publishes one version at the end.
///
///     var tokenization = DatasetTokenization(of: reference, tokenizer: "tokenizer.json", as: "ids")
///     tokenization.packedLength = 4096
///     let report = try tokenization.run(in: store)
public struct DatasetTokenization: Sendable {
  /// The documents.
  public var source: DatasetReference
  /// The path of the `tokenizer.json`.
  public var tokenizer: String
  /// The dataset that is made, or gets a new version.
  public var dataset: String
  /// Tokens of a sample, documents end to end; `nil`: a sample a document.
  public var packedLength: Int?
  /// A token that ends every document.
  public var endOfDocument: Int?
  /// Whether and how documents are turned into fill-in-the-middle.
  public var fillInTheMiddle: FillInTheMiddle.Options?
  /// Whether the files of a repository come in the order in which they depend on one another.
  public var isInDependencyOrder = false
  /// How many folders of a path name a repository; 0: all files are of one.
  public var repositoryDepth = 0
  /// What the version's maker says about it.
  public var message = ""
  /// How chunks are made.
  public var storage = DatasetWriter.Storage()
  /// Threads that encode, and as many that seal chunks.
  public var threads = ProcessInfo.processInfo.activeProcessorCount

  /// What was made.
  public struct Report: Sendable {
    /// The version.
    public var version: DatasetVersion
    /// Whether it is a new one.
    public var isNew: Bool
    /// Documents that were read.
    public var documents: Int
    /// Tokens that were written, ends of documents and markers included.
    public var tokens: Int
  }

  /// A tokenization with the defaults.
  public init(of source: DatasetReference, tokenizer: String, as dataset: String) {
    self.source = source
    self.tokenizer = tokenizer
    self.dataset = dataset
  }

  /// The tokens of some neighbouring documents.
  private struct Encoded: Sendable {
    var ids: [Int32] = []
    var ends: [Int] = []
    var bytes = 0
  }

  /// Encodes all documents and publishes the samples.
  ///
  /// - Parameter store: open for writing.
  /// - Parameter progress: called with bytes of samples done and in all; what it throws ends it.
  /// - Throws: `IngestError.badOption`, `TokenizationError`, `DatasetError`, `ChunkError`; the
  ///   store shows what it showed before.
  public func run(
    in store: Store, progress: (Int, Int) throws -> Void = { _, _ in }
  ) throws -> Report {
    let documents = try Dataset(source, in: store)
    guard documents.manifest.kind == .document else {
      throw IngestError.badOption(
        "\(documents.version.title) holds \(documents.manifest.kind.rawValue), not documents; "
          + "choose a dataset of documents")
    }
    let tokenizer = try Tokenizer(path: tokenizer)
    try check(against: tokenizer)
    let order = isInDependencyOrder ? try dependencyOrder(of: documents) : nil
    let fim = try fillInTheMiddle.map { try FillInTheMiddle($0, tokenizer: tokenizer) }
    var packer = TokenPacker(
      width: tokenizer.vocabularySize <= 1 << 16 ? 2 : 4, length: packedLength)
    let writer = try DatasetWriter(
      dataset, kind: .tokens, tokens: packer.layout, storage: storage, threads: threads, in: store)
    defer { writer.close() }
    let readers = encoders(of: documents, order: order, tokenizer: tokenizer, fim: fim)
    defer { readers.cancel() }
    var done = 0
    var report = Report(version: documents.version, isNew: false, documents: 0, tokens: 0)
    while let event = try readers.next() {
      guard case .batch(_, let encoded) = event else { continue }
      var start = 0
      for end in encoded.ends {
        try packer.append(encoded.ids[start..<end]) { _ = try writer.append($0) }
        start = end
      }
      report.documents += encoded.ends.count
      report.tokens += encoded.ids.count
      done += encoded.bytes
      try progress(done, documents.manifest.bytes)
    }
    try packer.finish { _ = try writer.append($0) }
    let before = writer.parent?.version
    report.version = try writer.publish(
      message: message, source: manifestSource(of: documents),
      tokenizer: .init(
        sha256: tokenizer.identity.description, vocabulary: tokenizer.vocabularySize))
    report.isNew = report.version != before
    return report
  }

  private func dependencyOrder(of documents: Dataset) throws -> [Int] {
    try DependencyOrder.order(
      of: documents, repositoryDepth: repositoryDepth, threads: threads)
  }

  private func check(against tokenizer: Tokenizer) throws {
    if let packedLength, !(1...1 << 24).contains(packedLength) {
      throw IngestError.badOption("samples of \(packedLength) tokens; choose 1 to \(1 << 24)")
    }
    if let endOfDocument, !(0..<tokenizer.vocabularySize).contains(endOfDocument) {
      throw IngestError.badOption(
        "\(endOfDocument) is no token id of \(self.tokenizer), which has "
          + "\(tokenizer.vocabularySize)")
    }
  }

  private func manifestSource(of documents: Dataset) -> DatasetManifest.Source {
    var options: [String: String] = [:]
    if let packedLength { options["pack"] = "\(packedLength)" }
    if let endOfDocument { options["eos"] = "\(endOfDocument)" }
    if let fillInTheMiddle {
      options["fim-rate"] = "\(fillInTheMiddle.rate)"
      options["fim-spm-rate"] = "\(fillInTheMiddle.spmRate)"
      options["seed"] = "\(fillInTheMiddle.seed)"
      if let markers = fillInTheMiddle.markers {
        options["fim-tokens"] = markers.joined(separator: ",")
      }
    }
    if isInDependencyOrder {
      options["order"] = "dependency"
      options["repository-depth"] = "\(repositoryDepth)"
    }
    return DatasetManifest.Source(
      kind: "tokenize", inputs: [documents.version.title, documents.manifest.identity],
      options: options)
  }

  /// Documents that one thread takes at a time.
  private static let stretch = 128

  private func encoders(
    of documents: Dataset, order: [Int]?, tokenizer: Tokenizer, fim: FillInTheMiddle?
  ) -> OrderedReaders<Encoded> {
    let end = endOfDocument.map { Int32($0) }
    let stretches = (documents.count + Self.stretch - 1) / Self.stretch
    return OrderedReaders(units: 0..<stretches, threads: threads) { stretch, deliver in
      let reader = SampleReader(documents)
      var encoded = Encoded()
      let first = stretch * Self.stretch
      for place in first..<min(first + Self.stretch, documents.count) {
        let number = order?[place] ?? place
        try reader.withDocument(number) { text, _ in
          let utf8 = text.bindMemory(to: UInt8.self)
          do {
            if let fim {
              try fim.encode(utf8, sample: number, with: tokenizer, into: &encoded.ids)
            } else {
              try tokenizer.encode(utf8: utf8, into: &encoded.ids)
            }
          } catch let error as TokenizationError {
            throw DatasetError.badSample(
              dataset: documents.version.title, number: number, reason: error.description)
          }
          encoded.bytes += text.count
        }
        if let end { encoded.ids.append(end) }
        encoded.ends.append(encoded.ids.count)
      }
      _ = deliver(encoded, 4 * encoded.ids.count)
    }
  }
}
