import Files
import Foundation

/// Writes a run file: the sorted N-grams of some orders, lowest order first.
final class RunWriter {
  private let file: FileWriter
  private let salt: UInt32
  private var pending: [UInt8] = []
  private var sections: [RunSection] = []
  private var number: UInt64 = 0

  /// Bytes written so far.
  var count: Int { file.count + pending.count }

  init(creating path: String, header: RunHeader) throws {
    file = try FileWriter(creating: path)
    let bytes = try header.encoded()
    salt = RunHeader.salt(json: Array(bytes[RunHeader.prefixBytes...]))
    pending.reserveCapacity(Self.pieceBytes + (64 << 10))
    pending += bytes
  }

  /// Writes one order: `body` adds its N-grams, ascending.
  func writeOrder<Key: NgramKey>(
    _ order: Int, bits: Int, _: Key.Type, _ body: (BlockEncoder<Key>) throws -> Void
  ) throws {
    let start = count
    number = 0
    let encoder = BlockEncoder<Key>(order: order, bits: bits) { [unowned self] header, payload, _ in
      try append(header, payload, number: number)
      number += 1
    }
    try body(encoder)
    sections.append(RunSection(totals: try encoder.finish(), offset: start))
  }

  /// Ends the file.
  ///
  /// - Parameter isDurable: whether to wait until it is on the disk.
  func finish(isDurable: Bool) throws {
    let trailer = count
    let payload = sections.flatMap(\.encoded)
    let header = CountBlock.Header(order: 0, entries: sections.count, bytes: payload.count)
    try payload.withUnsafeBytes { try append(header, $0, number: .max) }
    pending += UInt64(trailer).littleEndianBytes + RunHeader.endMagic
    try writePending()
    if isDurable { try file.finish() }
  }

  private static let pieceBytes = 256 << 10

  private func append(
    _ header: CountBlock.Header, _ payload: UnsafeRawBufferPointer, number: UInt64
  ) throws {
    let header = header.encoded
    let sum = header.withUnsafeBytes {
      RunHeader.checksum(salt: salt, number: number, header: $0, payload: payload)
    }
    pending += header
    pending += payload
    pending += sum.littleEndianBytes
    if pending.count >= Self.pieceBytes { try writePending() }
  }

  private func writePending() throws {
    try pending.withUnsafeBytes { try file.append($0) }
    pending.removeAll(keepingCapacity: true)
  }
}
