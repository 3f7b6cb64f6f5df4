import Foundation
import MemoryTables
import SeededRandom

/// Batches of random row ids, the requests that ask for them, and what has to be answered.
final class ServeBenchBatches: @unchecked Sendable {
  let rows: Int
  let count: Int
  let rowBytes: Int
  private let ids: UnsafeMutableBufferPointer<Int64>
  private let requests: UnsafeMutableRawBufferPointer
  private let requestBytes: Int
  private let expected: UnsafeMutableRawBufferPointer

  /// Bytes of the body of an answer.
  var answerBytes: Int { rows * rowBytes }

  /// Reads the rows from the table itself.
  ///
  /// - Parameters:
  ///   - rows: of a batch.
  ///   - path: the table's name, percent-encoded.
  init(table: Table, path: String, rows: Int, count: Int, seed: UInt64) throws {
    self.rows = rows
    self.count = count
    rowBytes = table.manifest.rowBytes
    var generator = SeededGenerator(seed: seed)
    let limit = Int64(table.manifest.rows)
    ids = .allocate(capacity: rows * count)
    for index in ids.indices {
      ids.initializeElement(at: index, to: Int64.random(in: 0..<limit, using: &generator))
    }
    let head = Array(
      ("POST /v1/tables/\(path)/rows HTTP/1.1\r\nHost: engram\r\n"
        + "Content-Type: application/octet-stream\r\nContent-Length: \(8 * rows)\r\n\r\n").utf8)
    requestBytes = head.count + 8 * rows
    requests = .allocate(byteCount: count * requestBytes, alignment: 64)
    expected = .allocate(byteCount: count * rows * rowBytes, alignment: 64)
    for batch in 0..<count {
      let request = requests.baseAddress! + batch * requestBytes
      head.withUnsafeBytes { request.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
      (request + head.count).copyMemory(from: ids(of: batch).baseAddress!, byteCount: 8 * rows)
      let start = batch * answerBytes
      try gather(
        batch, from: table,
        into: UnsafeMutableRawBufferPointer(rebasing: expected[start..<(start + answerBytes)]))
    }
  }

  deinit {
    ids.deallocate()
    requests.deallocate()
    expected.deallocate()
  }

  private func ids(of batch: Int) -> UnsafeBufferPointer<Int64> {
    UnsafeBufferPointer(rebasing: ids[(batch * rows)..<((batch + 1) * rows)])
  }

  /// The request of a batch: head and body.
  func request(_ batch: Int) -> UnsafeRawBufferPointer {
    let start = batch * requestBytes
    return UnsafeRawBufferPointer(rebasing: requests[start..<(start + requestBytes)])
  }

  /// Gathers a batch without a service.
  func gather(_ batch: Int, from table: Table, into out: UnsafeMutableRawBufferPointer) throws {
    try table.gather(ids(of: batch), into: out)
  }

  /// Whether an answer is what the table holds.
  func isRight(_ answer: UnsafeRawBufferPointer, of batch: Int) -> Bool {
    answer.count == answerBytes
      && memcmp(answer.baseAddress!, expected.baseAddress! + batch * answerBytes, answer.count) == 0
  }
}
