import ChunkStore
import Foundation
import Samples
import Synchronization

/// How long the samples of a version are, and where its documents came from.
public struct DatasetStatistics: Sendable {
  /// What documents are counted by.
  public enum Grouping: String, Sendable, CaseIterable {
    /// The first folder of the member `path` of the metadata.
    case folder
    /// The extension of the member `path`.
    case `extension`
    /// The member `language`.
    case language
  }

  /// What lengths count.
  public enum Unit: String, Sendable {
    /// Bytes of a sample; of a document, its metadata's too.
    case bytes
    /// Token ids.
    case tokens
  }

  /// What lengths count.
  public let unit: Unit
  /// Every length that occurs, ascending, and how many samples have it.
  public let lengths: [(length: Int, samples: Int)]
  /// Documents by source, the largest group first; `nil` where it was not asked for.
  public let sources: [(name: String, documents: Int)]?

  /// How many samples.
  public var samples: Int { lengths.reduce(0) { $0 + $1.samples } }
  /// All lengths together.
  public var total: Int { lengths.reduce(0) { $0 + $1.length * $1.samples } }
  /// The mean length; 0 where there are no samples.
  public var mean: Double { samples == 0 ? 0 : Double(total) / Double(samples) }
  /// The greatest length; 0 where there are no samples.
  public var maximum: Int { lengths.last?.length ?? 0 }

  /// The least length that is not exceeded by at least this share of the samples.
  ///
  /// - Parameter share: 0...1; 0.5 for the (lower) median.
  public func quantile(_ share: Double) -> Int {
    let rank = max(1, Int((share * Double(samples)).rounded(.up)))
    var seen = 0
    for (length, count) in lengths {
      seen += count
      if seen >= rank { return length }
    }
    return maximum
  }
}

extension Dataset {
  /// Counts lengths and, of documents, sources.
  ///
  /// - Parameter grouping: `nil`, or a dataset that holds no documents: lengths only, which are in
  ///   the chunks' tables; no sample is decoded then.
  /// - Parameter progress: called with bytes of samples done and in all, from one thread at a time.
  /// - Throws: `DatasetError`, `ChunkError`, what `progress` throws.
  /// - Complexity: memory O(distinct lengths and sources).
  public func statistics(
    by grouping: DatasetStatistics.Grouping?,
    threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    progress: @Sendable (Int, Int) throws -> Void = { _, _ in }
  ) throws -> DatasetStatistics {
    let grouping = manifest.kind == .document ? grouping : nil
    let isTokens = manifest.tokens.map { !$0.hasBoundaries } ?? false
    let width = isTokens ? manifest.tokens!.width : 1
    struct Counts {
      var lengths: [Int: Int] = [:]
      var sources: [String: Int] = [:]
      var bytes = 0
    }
    let all = Mutex(Counts())
    try forEachPart(threads: threads) { samples, reader in
      var own = Counts()
      for number in samples {
        let size = try reader.size(of: number)
        own.bytes += size
        own.lengths[size / width, default: 0] += 1
        if let grouping {
          let source = try reader.withParts(number) { grouping.source(of: $1) }
          own.sources[source, default: 0] += 1
        }
      }
      try all.withLock { all in
        all.bytes += own.bytes
        all.lengths.merge(own.lengths, uniquingKeysWith: +)
        all.sources.merge(own.sources, uniquingKeysWith: +)
        try progress(all.bytes, manifest.bytes)
      }
    }
    let counts = all.withLock { $0 }
    return DatasetStatistics(
      unit: isTokens ? .tokens : .bytes,
      lengths: counts.lengths.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
      sources: grouping == nil
        ? nil
        : counts.sources.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
          .map { ($0.key, $0.value) })
  }
}

extension DatasetStatistics.Grouping {
  /// The group of a document.
  func source(of metadata: DocumentMetadata) -> String {
    if self == .language { return Self.label(metadata.text("language"), none: "no language") }
    guard let path = metadata.text("path") else { return "(no path)" }
    let parts = path.split(separator: "/")
    switch self {
    case .folder: return Self.label(parts.count > 1 ? parts[0] : nil, none: "no folder")
    default:
      let name = parts.last ?? ""
      let dot = name.lastIndex(of: ".")
      let isNamed = dot.map { $0 > name.startIndex } ?? false
      return Self.label(isNamed ? name[dot!...] : nil, none: "no extension")
    }
  }

  /// A group's name; whatever stands in metadata, a short one.
  private static func label(_ text: (some StringProtocol)?, none: String) -> String {
    guard let text, !text.isEmpty else { return "(\(none))" }
    return String(text.prefix(64))
  }
}
