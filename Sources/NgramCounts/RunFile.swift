import CKernels
import Files
import Foundation

/// A run file whose description and trailer were read and checked; blocks are checked when they are
/// read. Holds no file open.
struct RunFile: Sendable {
  let path: String
  let header: RunHeader
  /// One an order, lowest first.
  let sections: [RunSection]
  let salt: UInt32
  /// Where the trailer begins.
  let end: Int

  /// Opens a file of anybody's.
  ///
  /// - Throws: `CountError.corruptRun`, `.newerFormat`, `FileError`.
  init(path: String) throws {
    let file = try ReadableFile(path: path)
    func corrupt(_ offset: Int, _ reason: String) -> CountError {
      .corruptRun(path: path, offset: offset, reason: reason)
    }
    guard file.count >= RunHeader.prefixBytes else { throw corrupt(0, "it is no run file") }
    let prefix = try file.read(at: 0, count: RunHeader.prefixBytes)
    guard prefix.starts(with: RunHeader.magic) else { throw corrupt(0, "it is no run file") }
    let (version, jsonBytes, checksum) = prefix.withUnsafeBytes {
      (
        $0.number(8, as: UInt32.self), Int($0.number(12, as: UInt32.self)),
        $0.number(16, as: UInt32.self)
      )
    }
    guard version <= RunHeader.formatVersion else {
      throw CountError.newerFormat(
        path: path, found: Int(version), supported: Int(RunHeader.formatVersion))
    }
    let start = RunHeader.prefixBytes + jsonBytes
    guard version == RunHeader.formatVersion, jsonBytes <= RunHeader.jsonLimit,
      start + RunHeader.suffixBytes <= file.count
    else { throw corrupt(8, "it is cut off or its version is unknown") }
    let json = try file.read(at: RunHeader.prefixBytes, count: jsonBytes)
    guard RunHeader.checksum(start: Array(prefix[..<16]), json: json) == checksum else {
      throw corrupt(16, "its description does not match its checksum")
    }
    do { header = try RunHeader(json: json) } catch { throw corrupt(20, error.text) }
    salt = RunHeader.salt(json: json)
    let suffix = try file.read(
      at: file.count - RunHeader.suffixBytes, count: RunHeader.suffixBytes)
    let trailer = suffix.withUnsafeBytes { $0.number(0, as: UInt64.self) }
    guard suffix[8...].elementsEqual(RunHeader.endMagic), trailer >= UInt64(start),
      trailer <= UInt64(file.count - RunHeader.suffixBytes)
    else { throw corrupt(file.count - RunHeader.suffixBytes, "it is cut off") }
    end = Int(trailer)
    self.path = path
    sections = try Self.sections(
      of: file, trailer: end, salt: salt, start: start, orders: header.subject.orders)
  }

  /// Reads the trailer, and sees that the sections follow one another.
  private static func sections(
    of file: ReadableFile, trailer: Int, salt: UInt32, start: Int, orders: CountSubject.Orders
  ) throws -> [RunSection] {
    func corrupt(_ offset: Int, _ reason: String) -> CountError {
      .corruptRun(path: file.path, offset: offset, reason: reason)
    }
    let count = file.count - RunHeader.suffixBytes - trailer
    let most = CountBlock.headerBytes + CountSubject.orderLimit * RunSection.encodedBytes + 4
    guard count >= CountBlock.headerBytes + 4, count <= most else {
      throw corrupt(trailer, "its trailer has \(count) bytes")
    }
    let bytes = try file.read(at: trailer, count: count)
    let sections = try bytes.withUnsafeBytes { bytes throws -> [RunSection] in
      let header = UnsafeRawBufferPointer(rebasing: bytes[..<CountBlock.headerBytes])
      let payload = UnsafeRawBufferPointer(rebasing: bytes[CountBlock.headerBytes..<(count - 4)])
      let entries = Int(header.number(4, as: UInt32.self))
      guard header.number(0, as: UInt32.self) == 0,
        Int(header.number(8, as: UInt32.self)) == payload.count,
        payload.count == entries * RunSection.encodedBytes
      else { throw corrupt(trailer, "its trailer is none") }
      let sum = RunHeader.checksum(salt: salt, number: .max, header: header, payload: payload)
      guard sum == bytes.number(count - 4, as: UInt32.self) else {
        throw corrupt(trailer, "its trailer does not match its checksum")
      }
      return try (0..<entries).map { index in
        let part = payload[(index * RunSection.encodedBytes)...].prefix(RunSection.encodedBytes)
        guard
          let section = RunSection(
            UnsafeRawBufferPointer(rebasing: part), fileBytes: trailer)
        else { throw corrupt(trailer, "its trailer's numbers cannot be") }
        return section
      }
    }
    guard sections.map(\.totals.order) == Array(orders.range) else {
      throw corrupt(trailer, "it does not hold the orders that it says")
    }
    // Where an order has blocks, its cursor sees that they end where the next one's begin.
    for (section, next) in zip(sections, sections.dropFirst().map(\.offset) + [trailer]) {
      guard section.totals.blocks > 0 ? section.offset < next : section.offset == next,
        section.totals.blocks > 0 || section.totals.total == 0
      else { throw corrupt(trailer, "its trailer's numbers cannot be") }
    }
    guard sections.first?.offset == start else {
      throw corrupt(trailer, "its first block is not where it must be")
    }
    return sections
  }

  /// The section of an order, and where it ends; `nil` where it is empty or not there.
  func section(order: Int) -> (section: RunSection, end: Int)? {
    guard let index = sections.firstIndex(where: { $0.totals.order == order }),
      sections[index].totals.blocks > 0
    else { return nil }
    return (
      sections[index], index + 1 < sections.count ? sections[index + 1].offset : end
    )
  }
}
