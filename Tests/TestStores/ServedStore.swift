import Addressing
import Datasets
import Files
import Foundation
import MemoryTables
import Retrieval
import Samples
import SeededRandom
import Storage
import TestCheckpoints

/// A small store with one of everything, for tests of what serves it: a hashed table `hashed`, an
/// exact one `exact`, one that is read by number `plain`; datasets `documents` (indexed), `tokens`
/// and `bytes`. All content follows from numbers.
public final class ServedStore: Sendable {
  /// The folder that holds everything, removed with the object.
  public let scratch: ScratchFolder
  /// The store's folder.
  public var path: String { scratch("store") }

  /// Rows of `plain`.
  public static let plainRows = 3000
  /// Numbers in a row of all tables.
  public static let dimension = 64
  /// Token ids of `hashed` are below this.
  public static let vocabulary = 500
  /// Samples of each dataset.
  public static let samples = 300

  /// How tokens lead to rows of `hashed`: orders 2 and 3, two heads each.
  public static func addressing() throws -> Addressing {
    try Addressing(
      preset: "test", layer: 1, bucketSizes: [[101, 103], [107, 109]],
      multipliers: [1_000_003, 2_000_003, 3_000_017], tokens: .raw(vocabularySize: vocabulary),
      boundary: .segmentStart(padTokenID: 0))
  }

  /// The N-grams of `exact`, one a row.
  public static let ngrams: [[Int32]] = [[1], [1, 2], [2, 3], [3], [7, 8, 9]]

  /// Makes the store.
  public init() throws {
    scratch = try ScratchFolder()
    let store = try Store(path: scratch("store"), mode: .writing)
    let addressing = try Self.addressing()
    let hashed = TableDraft(
      name: "hashed", rows: 420, dimension: Self.dimension, codec: .fp8E4M3ScaledBy32,
      addressing: addressing, source: .init(kind: "rows"))
    let exact = TableDraft(
      name: "exact", rows: Self.ngrams.count, dimension: Self.dimension, codec: .float32,
      exact: ExactIndex(ngrams: NgramList(Self.ngrams), tokens: .raw(vocabulary: 20)),
      source: .init(kind: "vectors"))
    _ = try TableWriter(store: store, threads: 1).publish([
      (hashed, MadeRows(rowBytes: hashed.rowBytes)), (exact, MadeRows(rowBytes: exact.rowBytes)),
    ])
    try Self.publishPlain(in: store)
    try Self.publish("documents", .document, in: store) { number, bytes in
      DocumentSample.append(
        metadata: "{\"id\":\"d\(number)\",\"path\":\"part\(number % 3)/\(number).txt\"}".utf8,
        text: Self.text(of: number).utf8, to: &bytes)
    }
    let layout = TokenLayout(width: 2, hasBoundaries: true)
    try Self.publish("tokens", .tokens, tokens: layout, in: store) { number, bytes in
      layout.append(ids: Self.tokens(of: number), starts: [0], to: &bytes)
    }
    try Self.publish("bytes", .bytes, in: store) { number, bytes in
      bytes = Self.bytes(of: number)
    }
    _ = try IndexBuilder(
      store: store, options: IndexOptions(passageTokens: 20),
      resources: .init(threads: 1, memory: 0),
      progress: { _ in }
    ).build(DatasetReference(name: "documents"), vectors: nil, isFresh: false)
  }

  /// Publishes one more version of `plain`.
  ///
  /// - Parameter seed: of its rows.
  public static func publishPlain(in store: Store, seed: UInt64 = 0) throws {
    let draft = TableDraft(
      name: "plain", rows: plainRows, dimension: dimension, codec: .bfloat16,
      source: .init(kind: "rows"))
    _ = try TableWriter(store: store, threads: 1).publish([
      (draft, MadeRows(rowBytes: draft.rowBytes, seed: seed))
    ])
  }

  /// The text of a document: its number in words that no other number has, and common ones.
  public static func text(of number: Int) -> String {
    "The page cache of number\(number) keeps what was read. "
      + String(repeating: "Memory is reclaimed under pressure. ", count: 1 + number % 4)
  }

  /// The ids of a sample of `tokens`.
  public static func tokens(of number: Int) -> [UInt32] {
    (0..<(5 + number % 7)).map { UInt32((number * 31 + $0 * 7) % 50_000) }
  }

  /// A sample of `bytes`; number 0 is empty.
  public static func bytes(of number: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: UInt64(number))
    return (0..<(number * 37 % 5000)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
  }

  private static func publish(
    _ name: String, _ kind: SampleKind, tokens: TokenLayout? = nil, in store: Store,
    _ sample: (Int, inout [UInt8]) -> Void
  ) throws {
    var storage = DatasetWriter.Storage()
    storage.chunkBytes = 64 << 10
    let writer = try DatasetWriter(
      name, kind: kind, tokens: tokens, storage: storage, threads: 1, in: store)
    defer { writer.close() }
    for number in 0..<samples {
      var bytes: [UInt8] = []
      sample(number, &bytes)
      _ = try bytes.withUnsafeBytes { try writer.append($0) }
    }
    _ = try writer.publish(message: "", source: .init(kind: "test", inputs: []), tokenizer: nil)
  }
}

extension TableDraft {
  /// Bytes of a row.
  fileprivate var rowBytes: Int { codec.rowBytes(dimension: dimension) ?? 0 }
}

/// Rows whose bytes follow from their number.
public struct MadeRows: RowSource {
  /// Bytes of a row.
  public var rowBytes: Int
  /// Another one, other rows.
  public var seed: UInt64

  /// Rows of so many bytes.
  public init(rowBytes: Int, seed: UInt64 = 0) {
    self.rowBytes = rowBytes
    self.seed = seed
  }

  /// The bytes of a row. None is a code that is no number, so that decoded rows can be compared.
  public func bytes(of row: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: seed &* 0x1_0001 &+ UInt64(row))
    return (0..<rowBytes).map { _ in UInt8(truncatingIfNeeded: generator.next()) & 0x7E }
  }

  /// Copies their bytes.
  public func copyRows(_ rows: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int) {
    for (index, row) in rows.enumerated() {
      (slots + index * stride).copyMemory(from: bytes(of: row), byteCount: rowBytes)
    }
  }
}
