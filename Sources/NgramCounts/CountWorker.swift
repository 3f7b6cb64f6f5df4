import Addressing
import TokenStreams

/// One thread's share of counting: its reader, its tables.
final class CountWorker {
  private let stream: DatasetTokens
  private let spills: SpillFolder
  private let stretchBytes: Int
  private let map: TokenMap?
  private let tables: [NgramTable]
  private var reader: DatasetTokens.Reader
  private var bytesRead = 0
  private var tokens: [UInt32] = []

  init(
    stream: DatasetTokens, map: TokenMap?, subject: CountSubject, slots: [Int: Int],
    spills: SpillFolder, stretchBytes: Int
  ) throws {
    self.stream = stream
    self.map = map
    self.spills = spills
    self.stretchBytes = stretchBytes
    reader = stream.reader()
    tables = try subject.orders.range.map {
      try NgramTable(order: $0, bits: subject.tokenBits, slots: slots[$0] ?? 64)
    }
  }

  /// Counts the documents of a sample.
  ///
  /// - Returns: the sample's bytes.
  func count(sample: Int) throws -> Int {
    let bytes = try reader.size(ofSample: sample)
    if bytesRead > stretchBytes {
      // Chunks that are mapped count as this process's memory until they are let go.
      reader = stream.reader()
      bytesRead = 0
    }
    bytesRead += bytes
    try reader.forEachDocument(inSample: sample) { ids in
      compress(ids)
      try tokens.withUnsafeBufferPointer { tokens in
        for table in tables {
          var start = table.count(tokens, from: 0)
          while start < tokens.count {
            try spills.spill(table)
            start = table.count(tokens, from: start)
          }
        }
      }
    }
    return bytes
  }

  /// Writes what the tables hold.
  func finish() throws {
    for table in tables { try spills.spill(table) }
  }

  /// The document's tokens as they are counted. The stream has checked that each is one of the
  /// tokenizer's, and the map has them all.
  private func compress(_ ids: UnsafeBufferPointer<Int32>) {
    tokens.removeAll(keepingCapacity: true)
    tokens.reserveCapacity(ids.count)
    guard let map else {
      for id in ids { tokens.append(UInt32(bitPattern: id)) }
      return
    }
    map.withUnsafeCompressedIDs { compressed in
      for id in ids { tokens.append(UInt32(bitPattern: compressed[Int(id)])) }
    }
  }
}
