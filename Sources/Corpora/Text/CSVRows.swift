import CLibCSV
import Compression

/// The rows of a table, by libcsv. A field may be in quotes, with line ends in it; spaces belong to
/// fields; empty lines are no rows.
final class CSVRows {
  /// One row: its fields end to end.
  struct Row {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    /// Why its fields are not to be used.
    var fault: String?

    func field(_ index: Int) -> Range<Int> { (index > 0 ? ends[index - 1] : 0)..<ends[index] }
  }

  private let source: any ByteSource
  private let limit: Int
  // On the heap: libcsv keeps no address, but the calls for fields may not overlap an access to it.
  private let parser = UnsafeMutablePointer<csv_parser>.allocate(capacity: 1)
  private let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
  private var rows: [Row] = []
  private var next = 0
  private var row = Row()
  private var isAtStart = true
  private var isOver = false

  /// - Parameter limit: the most bytes of a row, eight counted for each field; a longer one is
  ///   returned with a fault, and memory does not grow.
  init(_ source: any ByteSource, delimiter: UInt8, limit: Int) throws {
    self.source = source
    self.limit = limit
    parser.initialize(to: csv_parser())
    guard csv_init(parser, 0) == 0 else { throw BinaryFault("libcsv does not start") }
    csv_set_delim(parser, delimiter)
    csv_set_space_func(parser) { _ in 0 }
  }

  deinit {
    csv_free(parser)
    parser.deallocate()
    chunk.deallocate()
  }

  /// The next row, `nil` at the end.
  func nextRow() throws -> Row? {
    while next == rows.count {
      if isOver { return nil }
      rows.removeAll(keepingCapacity: true)
      next = 0
      try parseChunk()
    }
    defer { next += 1 }
    return rows[next]
  }

  private func parseChunk() throws {
    var bytes = UnsafeRawBufferPointer(rebasing: chunk[..<(try source.fill(chunk))])
    let isLast = bytes.count < chunk.count
    if isAtStart, bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(3))
    }
    isAtStart = false
    let this = Unmanaged.passUnretained(self).toOpaque()
    // The buffer of the field that is open at least doubles when it grows.
    csv_set_blk_size(parser, max(4096, csv_get_buffer_size(parser)))
    let parsed = csv_parse(parser, bytes.baseAddress, bytes.count, Self.field, Self.rowEnd, this)
    guard parsed == bytes.count else { throw failure }
    // Of a field that is over the limit nothing is kept; libcsv takes up to one byte back.
    if parser.pointee.entry_pos > limit {
      excuse(UnsafeRawBufferPointer(start: parser.pointee.entry_buf, count: 4096))
      parser.pointee.entry_pos = parser.pointee.spaces + 1
    }
    guard isLast else { return }
    isOver = true
    // In a field that began with a quote: libcsv's FIELD_BEGUN.
    if parser.pointee.pstate == 2, parser.pointee.quoted != 0, row.fault == nil {
      row.fault = "a quote is opened in it and never closed"
    }
    guard csv_fini(parser, Self.field, Self.rowEnd, this) == 0 else { throw failure }
  }

  private var failure: BinaryFault {
    BinaryFault("libcsv: \(String(cString: csv_strerror(csv_error(parser))))")
  }

  /// Keeps the head of a row that is too long, and nothing else of it.
  private func excuse(_ more: UnsafeRawBufferPointer) {
    guard row.fault == nil else { return }
    row.fault = "this row has more than \(limit) bytes; raise --record-limit"
    row.bytes = Array((row.bytes.prefix(4096) + more.prefix(4096)).prefix(4096))
    row.ends = []
  }

  private static let field:
    @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) -> Void = {
      Unmanaged<CSVRows>.fromOpaque($2!).takeUnretainedValue()
        .add(UnsafeRawBufferPointer(start: $0, count: $0 == nil ? 0 : $1))
    }

  private static let rowEnd: @convention(c) (Int32, UnsafeMutableRawPointer?) -> Void = {
    Unmanaged<CSVRows>.fromOpaque($1!).takeUnretainedValue().endRow()
  }

  private func add(_ field: UnsafeRawBufferPointer) {
    if row.bytes.count + 8 * row.ends.count + field.count > limit { excuse(field) }
    guard row.fault == nil || !row.ends.isEmpty || row.bytes.isEmpty else { return }
    guard row.fault?.hasPrefix("this row") != true else { return }
    row.bytes.append(contentsOf: field)
    row.ends.append(row.bytes.count)
  }

  private func endRow() {
    rows.append(row)
    row = Row()
  }
}
