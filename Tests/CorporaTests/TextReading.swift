import Foundation
import Samples
import TestCheckpoints
import Testing

@testable import Corpora

/// What a reader gave: documents as `(metadata, text)`, places, what was wrong.
struct TextReading {
  var documents: [Document] = []
  var positions: [CorpusPosition] = []
  var bad: [BadRecord] = []
  var leftOut: [String: Int] = [:]

  struct Document: Equatable {
    var metadata: String
    var text: [UInt8]
  }

  var texts: [String] { documents.map { String(decoding: $0.text, as: UTF8.self) } }
  var metadata: [String] { documents.map(\.metadata) }

  /// Reads units to their ends.
  init(
    _ units: [CorpusUnit], _ options: CorpusOptions = CorpusOptions(),
    from position: CorpusPosition = CorpusPosition(), bytes: Int = 1 << 20
  ) throws {
    for unit in units {
      let reader = try unit.makeReader(from: position, options: options, kind: .document)
      while let batch = try reader.nextBatch(bytes: bytes) {
        #expect(batch.ends.count == batch.positions.count)
        #expect(batch.ends.last ?? 0 == batch.bytes.count)
        var start = 0
        for end in batch.ends {
          let sample = Array(batch.bytes[start..<end])
          let parts = try sample.withUnsafeBytes { try DocumentSample($0) }
          documents.append(
            Document(
              metadata: String(decoding: sample[parts.metadata], as: UTF8.self),
              text: Array(sample[parts.text])))
          start = end
        }
        positions += batch.positions
        bad += batch.bad
        leftOut.merge(batch.leftOut, uniquingKeysWith: +)
      }
    }
  }
}

extension ScratchFolder {
  /// Writes a file, and the folders that it is in.
  @discardableResult
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = self(name)
    try FileManager.default.createDirectory(
      atPath: String(path[..<path.lastIndex(of: "/")!]), withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  @discardableResult
  func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }

  /// Reads one file of the folder.
  func read(
    _ name: String, _ format: CorpusFormat, _ options: CorpusOptions = CorpusOptions()
  ) throws -> TextReading {
    try TextReading([CorpusUnit(path: self(name), name: name, format: format)], options)
  }
}
