import Files
import Foundation

/// How much memory counting may use for what.
struct CountMemory: Sendable {
  /// Bytes of all hash tables of one thread.
  var tableBytesPerThread: Int
  /// Raw bytes of samples after which a thread lets go of its mapped chunks.
  var stretchBytes = 16 << 20

  /// Bytes a thread takes beside its tables: mapped chunks, tokens of a document, buffers.
  private static let threadBytes = 40 << 20
  /// Tables smaller than this would do nothing but spill.
  private static let leastTableBytes = 4 << 20

  /// Shares out what the process may have beyond what it has already.
  ///
  /// - Parameter limit: bytes of the whole process.
  /// - Throws: `CountError.memoryTooSmall`.
  init(limit: Int, threads: Int) throws {
    let present = Self.residentBytes()
    let other = present + threads * Self.threadBytes + (32 << 20)
    let least = other + threads * Self.leastTableBytes
    guard limit >= least else {
      throw CountError.memoryTooSmall(given: limit, needed: least)
    }
    // What is not foreseen, such as long documents and caches that grow, has the other half.
    tableBytesPerThread = max(
      Self.leastTableBytes, min((limit - other) * 3 / 4, limit / 2) / threads)
  }

  init(tableBytesPerThread: Int) { self.tableBytesPerThread = tableBytesPerThread }

  /// Slots of each order's table: higher orders have more different N-grams.
  ///
  /// - Parameter ngrams: no table needs room for more.
  func slots(_ subject: CountSubject, ngrams: Int) -> [Int: Int] {
    let orders = Array(subject.orders.range)
    func weight(_ order: Int) -> Double { [0.25, 1, 2.2, 3][min(order, 4) - 1] }
    let slotBytes = orders.map {
      Double(NgramTable.slotBytes(words: subject.keyWords(order: $0))) * weight($0)
    }
    let unit = Double(tableBytesPerThread) / slotBytes.reduce(0, +)
    var slots: [Int: Int] = [:]
    for order in orders {
      var most = Double(ngrams)
      if order == 1 { most = min(most, Double(subject.tokens.vocabulary)) }
      slots[order] = max(64, Int(min(unit * weight(order), most * 1.5)))
    }
    return slots
  }

  /// What of this process is in memory now, in bytes.
  static func residentBytes() -> Int {
    guard let stream = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(stream) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, stream) != nil else { return 0 }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }
}
