import Digests
import Files
import Foundation
import Storage
import Synchronization
import TokenStreams

/// A dataset's tokens in one file, documents end to end: encoded once, then read in any order from
/// the page cache.
public struct TokenCorpus: Sendable {
  /// What training learns from.
  public let training: Part
  /// What it is tested on.
  public let heldOut: Part

  /// Documents of tokens, in order.
  public struct Part: Sendable {
    private let file: MappedFile
    /// Where documents begin, in tokens, and where the last one ends.
    let starts: [Int]

    init(path: String, starts: [Int]) throws {
      file = try MappedFile(path: path)
      self.starts = starts
      guard file.count == (starts.last ?? 0) * 4 else {
        throw TrainingError.corruptFile(
          path: path, reason: "\(file.count) bytes, \((starts.last ?? 0) * 4) expected")
      }
    }

    /// Documents.
    public var documents: Int { starts.count - 1 }
    /// Tokens of all documents.
    public var tokens: Int { starts.last ?? 0 }
    /// Tokens that follow another one of their document.
    public var predictions: Int {
      (0..<documents).reduce(0) { $0 + max(0, starts[$1 + 1] - starts[$1] - 1) }
    }

    /// The tokens of a document; valid while this value lives.
    public func document(_ index: Int) -> UnsafeBufferPointer<Int32> {
      let all = file.bytes.bindMemory(to: Int32.self)
      return UnsafeBufferPointer(rebasing: all[starts[index]..<starts[index + 1]])
    }

    /// Calls `body` with each document, in order.
    public func forEachDocument(_ body: (UnsafeBufferPointer<Int32>) throws -> Void) rethrows {
      for index in 0..<documents { try body(document(index)) }
    }
  }

  /// What a corpus folder was made of.
  private struct Description: Codable, Equatable {
    var format = 1
    var dataset: String
    var identity: String
    var tokenizer: String
    var share: Double
    var seed: UInt64
    var training: [Int] = []
    var heldOut: [Int] = []
    var checksum: String = ""
  }

  /// The corpus in `folder`: encoded and written there, or found there from an earlier run.
  ///
  /// - Parameter progress: called with samples done and in all; what it throws ends it.
  /// - Throws: `TrainingError.foreignFolder` where another corpus is there, `.corruptFile`; what
  ///   reading the dataset throws; `FileError`.
  public static func make(
    from stream: DatasetTokens, heldOut: HeldOut, share: Double, seed: UInt64, in folder: String,
    threads: Int, progress: (Int, Int) throws -> Void = { _, _ in }
  ) throws -> TokenCorpus {
    let version = stream.dataset.version
    var description = Description(
      dataset: version.title, identity: version.manifest.identity,
      tokenizer: stream.tokenizer.identity.description, share: share, seed: seed)
    try DurableFile.createFolder(folder)
    let path = folder + "/corpus.json"
    if DurableFile.size(of: path) != nil {
      return try open(folder, expected: description)
    }
    let writers = try ["training", "held-out"].map {
      PartWriter(try FileWriter(creating: folder + "/" + $0))
    }
    let readers = Mutex<[DatasetTokens.Reader]>([])
    let block = 64 * threads
    for first in stride(from: 0, to: stream.samples, by: block) {
      try progress(first, stream.samples)
      let count = min(block, stream.samples - first)
      let pieces = (count + 15) / 16
      let encoded = try Workers.map(pieces, threads: threads) { piece, _ in
        let reader = UncheckedReader(readers.withLock { $0.popLast() } ?? stream.reader())
        defer { readers.withLock { $0.append(reader.value) } }
        var documents: [(sample: Int, tokens: [Int32])] = []
        for sample in (first + piece * 16)..<min(first + count, first + piece * 16 + 16) {
          try reader.value.forEachDocument(inSample: sample) {
            documents.append((sample, Array($0)))
          }
        }
        return documents
      }
      for document in encoded.joined() {
        try writers[heldOut.contains(document.sample) ? 1 : 0].append(document.tokens)
      }
    }
    try progress(stream.samples, stream.samples)
    for index in writers.indices { try writers[index].finish() }
    description.training = writers[0].starts
    description.heldOut = writers[1].starts
    description.checksum = writers.map(\.digest).joined(separator: " ")
    let json = try CanonicalJSON.encode(description)
    try json.withUnsafeBytes { try DurableFile.write($0, to: path) }
    return try TokenCorpus(folder, description)
  }

  private init(_ folder: String, _ description: Description) throws {
    training = try Part(path: folder + "/training", starts: description.training)
    heldOut = try Part(path: folder + "/held-out", starts: description.heldOut)
  }

  private static func open(_ folder: String, expected: Description) throws -> TokenCorpus {
    let path = folder + "/corpus.json"
    let bytes = Data(try DurableFile.read(path, limit: 4 << 30))
    guard var found = try? JSONDecoder().decode(Description.self, from: bytes),
      Self.areStarts(found.training), Self.areStarts(found.heldOut)
    else { throw TrainingError.corruptFile(path: path, reason: "it is no list of documents") }
    let written = found
    (found.training, found.heldOut, found.checksum) = ([], [], "")
    guard found == expected else {
      let difference =
        found.dataset != expected.dataset || found.identity != expected.identity
        ? "it trains on \(found.dataset)"
        : found.tokenizer != expected.tokenizer
          ? "its tokenizer is \(found.tokenizer.prefix(12))..."
          : "it holds out \(found.share) with seed \(found.seed)"
      throw TrainingError.foreignFolder(path: folder, difference: difference)
    }
    let corpus = try TokenCorpus(folder, written)
    let digests = ["training", "held-out"].map { name in
      (try? MappedFile(path: folder + "/" + name, access: .sequential)).map {
        SHA256Digest(of: $0.bytes).description
      } ?? ""
    }
    guard digests.joined(separator: " ") == written.checksum else {
      throw TrainingError.corruptFile(path: folder, reason: "its tokens are not what was written")
    }
    return corpus
  }

  private static func areStarts(_ starts: [Int]) -> Bool {
    starts.first == 0 && zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 }
  }
}

/// The pool hands a reader to one thread at a time.
private struct UncheckedReader: @unchecked Sendable {
  let value: DatasetTokens.Reader
  init(_ value: DatasetTokens.Reader) { self.value = value }
}

/// Appends documents to a file of tokens.
private final class PartWriter {
  private let writer: FileWriter
  private var hash = SHA256Hasher()
  private(set) var starts = [0]
  private(set) var digest = ""

  init(_ writer: FileWriter) { self.writer = writer }

  func append(_ tokens: [Int32]) throws {
    try tokens.withUnsafeBytes { bytes in
      hash.update(bytes)
      try writer.append(bytes)
    }
    starts.append((starts.last ?? 0) + tokens.count)
  }

  func finish() throws {
    digest = hash.finalize().description
    try writer.finish()
  }
}
