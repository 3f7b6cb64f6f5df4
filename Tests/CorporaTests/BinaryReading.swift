import Compression
import Files
import Foundation
import Samples
import TestCheckpoints

@testable import Corpora

/// All that a reader gives of a unit.
struct BinaryReading {
  var samples: [[UInt8]] = []
  var positions: [CorpusPosition] = []
  var bad: [BadRecord] = []
  var leftOut: [String: Int] = [:]

  /// Reads a unit to its end, and checks what every batch must be.
  init(
    _ unit: CorpusUnit, options: CorpusOptions = CorpusOptions(), kind: SampleKind,
    tokens: TokenLayout? = nil, from position: CorpusPosition = CorpusPosition(),
    batch bytes: Int = 1 << 20
  ) throws {
    let reader = try BinaryCorpora.makeReader(
      for: unit, from: position, options: options, tokens: tokens, kind: kind)
    while let batch = try reader.nextBatch(bytes: bytes) {
      precondition(batch.ends.count == batch.positions.count, "a sample without a position")
      precondition(batch.bytes.count == batch.ends.last ?? 0, "bytes that belong to no sample")
      var start = 0
      for end in batch.ends {
        samples.append(Array(batch.bytes[start..<end]))
        start = end
      }
      positions += batch.positions
      bad += batch.bad
      leftOut.merge(batch.leftOut, uniquingKeysWith: +)
      precondition(bad.allSatisfy { !"\($0)".contains("\n") }, "not one line")
    }
    let behind = try reader.nextBatch(bytes: bytes)
    precondition(behind == nil, "a batch behind the end")
  }

  /// The samples' token ids.
  func ids(_ layout: TokenLayout) throws -> [[Int]] {
    try samples.map { sample in
      try sample.withUnsafeBytes { bytes in
        try layout.parts(of: bytes).ids.by(layout.width).map { place in
          (0..<layout.width).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        }
      }
    }
  }

  /// The samples' metadata and text.
  func documents() throws -> [(metadata: String, text: String)] {
    try samples.map { bytes in
      let parts = try bytes.withUnsafeBytes { try DocumentSample($0) }
      return (
        String(decoding: bytes[parts.metadata], as: UTF8.self),
        String(decoding: bytes[parts.text], as: UTF8.self)
      )
    }
  }
}

extension Range<Int> {
  fileprivate func by(_ step: Int) -> [Int] {
    Array(stride(from: lowerBound, to: upperBound, by: step))
  }
}

extension ScratchFolder {
  /// Writes a file.
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: self(name)))
    return self(name)
  }
}

/// A document's sample.
func documentBytes(_ metadata: String, _ text: String) -> [UInt8] {
  var bytes: [UInt8] = []
  DocumentSample.append(metadata: metadata.utf8, text: text.utf8, to: &bytes)
  return bytes
}

/// Writes samples in a format.
func write(
  _ samples: [[UInt8]], _ format: CorpusWriterFormat, to path: String, kind: SampleKind,
  tokens: TokenLayout? = nil, overwrite: Bool = false
) throws {
  let writer = try format.makeWriter(to: path, kind: kind, tokens: tokens, overwrite: overwrite)
  for (number, sample) in samples.enumerated() {
    try sample.withUnsafeBytes { try writer.append($0, number: number) }
  }
  try writer.finish()
}

/// Numbers of so many bytes, little-endian.
func little(_ number: Int, _ size: Int) -> [UInt8] {
  (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}
