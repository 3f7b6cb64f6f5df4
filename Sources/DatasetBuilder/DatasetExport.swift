import Corpora
import Datasets
import Foundation

/// Writes a dataset in a format that others read.
///
///     let export = DatasetExport(dataset, format: "jsonl", destination: "corpus.jsonl")
///     try export.run { done, total in ... }
public struct DatasetExport: Sendable {
  /// The formats that can be written.
  public static let formats = CorpusWriterFormat.allCases.map(\.rawValue)

  private let dataset: Dataset
  private let format: CorpusWriterFormat
  private let destination: String
  /// Whether what an earlier export left at the destination is replaced.
  public var overwrites = false
  /// The samples to write; `nil`: all.
  public var range: Range<Int>?

  /// - Parameter destination: a file (`jsonl`, `-` for standard output), a path without extension
  ///   (`megatron`), else a folder to be made.
  /// - Throws: `IngestError.badOption` for an unknown format.
  public init(_ dataset: Dataset, format: String, destination: String) throws {
    guard let known = CorpusWriterFormat(rawValue: format) else {
      throw IngestError.badOption(
        "unknown format \(format); choose \(Self.formats.joined(separator: ", "))")
    }
    self.dataset = dataset
    self.format = known
    self.destination = destination
  }

  /// Writes all samples, in order; what is there at the end is whole.
  ///
  /// - Parameter progress: called with samples done and in all; what it throws ends the export.
  /// - Returns: how many samples were written.
  /// - Throws: `CorpusWriterError`, `ChunkError`, `FileError`; nothing is left at the destination.
  public func run(progress: (Int, Int) throws -> Void = { _, _ in }) throws -> Int {
    let manifest = dataset.manifest
    let numbers = (range ?? 0..<dataset.count).clamped(to: 0..<dataset.count)
    let writer = try format.makeWriter(
      to: destination, kind: manifest.kind, tokens: manifest.tokens, overwrite: overwrites)
    let reader = SampleReader(dataset)
    for number in numbers {
      try reader.withSample(number) { try writer.append($0, number: number) }
      if number.isMultiple(of: 64) { try progress(number - numbers.lowerBound, numbers.count) }
    }
    try writer.finish()
    return numbers.count
  }
}
