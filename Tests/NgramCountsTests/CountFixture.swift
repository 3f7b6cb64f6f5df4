import Addressing
import Datasets
import Files
import Foundation
import Samples
import SeededRandom
import Storage
import TestCheckpoints
import TokenStreams
import Tokenization

@testable import NgramCounts

/// A store of its own with datasets of tokens or text, and what a plain count says of them.
final class CountFixture {
  let scratch: ScratchFolder
  let tokenizer: Tokenizer
  private(set) var documents: [[Int32]] = []

  var path: String { scratch("store") }

  /// - Parameter vocabulary: ids of the tokenizer; those without a text are holes.
  init(vocabulary: Int = 1000) throws {
    scratch = try ScratchFolder()
    tokenizer = try Self.tokenizer(vocabulary: vocabulary)
  }

  /// Byte-level BPE without merges: letters in both cases, and a last id.
  static func tokenizer(vocabulary: Int, letters: String = "abcdefgh") throws -> Tokenizer {
    var entries: [String] = []
    for (index, letter) in letters.enumerated() {
      entries.append("\"\(letter)\":\(2 * index)")
      entries.append("\"\(letter.uppercased())\":\(2 * index + 1)")
    }
    entries.append("\"z\":\(vocabulary - 1)")
    let json = """
      {"model":{"type":"BPE","vocab":{\(entries.joined(separator: ","))},"merges":[]},
       "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":false},
       "decoder":{"type":"ByteLevel"}}
      """
    var text = json
    return try text.withUTF8 { try Tokenizer(json: UnsafeRawBufferPointer($0)) }
  }

  /// Publishes packed samples of these documents, `perSample` in each.
  @discardableResult
  func publish(
    _ documents: [[Int32]], as name: String = "d", perSample: Int = 3,
    tokenizer: DatasetManifest.Tokenizer?? = nil
  ) throws -> DatasetVersion {
    self.documents = documents
    let layout = TokenLayout(width: 4, hasBoundaries: true)
    let samples = stride(from: 0, to: documents.count, by: perSample).map { start in
      let some = documents[start..<min(documents.count, start + perSample)]
      var starts: [Int] = []
      var ids: [UInt32] = []
      for document in some where !document.isEmpty {
        starts.append(ids.count)
        ids += document.map { UInt32(bitPattern: $0) }
      }
      var bytes: [UInt8] = []
      layout.append(ids: ids, starts: starts, to: &bytes)
      return bytes
    }
    let own = DatasetManifest.Tokenizer(
      sha256: self.tokenizer.identity.description, vocabulary: self.tokenizer.vocabularySize)
    return try write(name, .tokens, samples, layout, tokenizer ?? own)
  }

  /// Publishes documents of text.
  @discardableResult
  func publish(texts: [String], as name: String = "d") throws -> DatasetVersion {
    documents = try texts.map { try tokenizer.encode($0) }
    let samples = texts.map { text in
      var bytes: [UInt8] = []
      DocumentSample.append(metadata: "{}".utf8, text: text.utf8, to: &bytes)
      return bytes
    }
    return try write(name, .document, samples, nil, nil)
  }

  private func write(
    _ name: String, _ kind: SampleKind, _ samples: [[UInt8]], _ layout: TokenLayout?,
    _ tokenizer: DatasetManifest.Tokenizer?
  ) throws -> DatasetVersion {
    var storage = DatasetWriter.Storage()
    storage.chunkBytes = 64 << 10
    let store = try Store(path: path, mode: .writing)
    let writer = try DatasetWriter(
      name, kind: kind, tokens: layout, storage: storage, threads: 2, in: store)
    defer { writer.close() }
    for sample in samples { _ = try sample.withUnsafeBytes { try writer.append($0) } }
    return try writer.publish(
      message: "", source: .init(kind: "test", inputs: []), tokenizer: tokenizer)
  }

  /// How the newest version of a dataset is counted.
  ///
  /// - Parameter tableBytes: of a thread; so few that tables are full all the time.
  func counting(
    _ name: String = "d", orders: ClosedRange<Int> = 1...3, mapped: Bool = false, threads: Int = 2,
    tableBytes: Int? = nil, selection: NgramCounting.Selection = .all
  ) throws -> NgramCounting {
    let dataset = try Dataset(
      DatasetReference(name: name), in: Store(path: path, mode: .reading))
    var counting = try NgramCounting(
      dataset: dataset, tokenizer: tokenizer, orders: orders, mapped: mapped, threads: threads,
      selection: selection)
    counting.shares = CountMemory(tableBytesPerThread: tableBytes ?? 1 << 20)
    return counting
  }

  /// Counts and publishes.
  func publishCounts(
    as name: String = "c", orders: ClosedRange<Int> = 1...3, mapped: Bool = false,
    tableBytes: Int? = nil, selection: NgramCounting.Selection = .all
  ) throws -> NgramCounts {
    let published = try counting(
      orders: orders, mapped: mapped, tableBytes: tableBytes, selection: selection
    ).publish(as: name, in: Store(path: path, mode: .writing))
    return try NgramCounts(published, in: Store(path: path, mode: .reading))
  }

  /// A plain count of the N-grams of one order.
  func plain(order: Int, mapped: Bool = false) throws -> [[Int32]: UInt64] {
    let map = mapped ? try TokenMap(tokenizer: tokenizer) : nil
    return try Self.plain(documents.map { try map?.map($0) ?? $0 }, order: order)
  }

  static func plain(_ documents: [[Int32]], order: Int) throws -> [[Int32]: UInt64] {
    var counts: [[Int32]: UInt64] = [:]
    for document in documents where document.count >= order {
      for start in 0...document.count - order {
        counts[Array(document[start..<start + order]), default: 0] += 1
      }
    }
    return counts
  }
}

extension NgramCounts {
  /// All N-grams of an order, as they come.
  func all(order: Int) throws -> [(tokens: [Int32], count: UInt64)] {
    var found: [(tokens: [Int32], count: UInt64)] = []
    try forEach(order: order) { found.append((Array($0), $1)) }
    return found
  }
}

extension SeededGenerator {
  /// Documents of tokens below `vocabulary`, some of them far more frequent than others.
  mutating func documents(
    _ count: Int, lengths: ClosedRange<Int> = 0...60, vocabulary: Int
  ) -> [[Int32]] {
    (0..<count).map { _ in
      let length = Int.random(in: lengths, using: &self)
      return (0..<length).map { _ in
        let share = Double.random(in: 0..<1, using: &self)
        return Int32(share * share * share * share * Double(vocabulary))
      }
    }
  }
}

/// The bytes of a file.
func bytes(_ path: String) throws -> [UInt8] { try DurableFile.read(path) }

extension CountFixture {
  /// A copy of the store, which nobody has open for writing.
  func copyStore(to path: String) throws {
    try FileManager.default.copyItem(atPath: self.path, toPath: path)
  }
}
