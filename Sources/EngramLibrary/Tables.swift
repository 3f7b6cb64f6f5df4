// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

// The names are those of engram.h, which also documents these functions.
import Addressing
import CEngram
import MemoryTables
import Serving

extension OpenTable: Handled {
  static var kind: HandleKind { .table }
}

@c @implementation
public func engram_table_open(
  _ store: engram_store, _ reference: UnsafePointer<CChar>?,
  _ table: UnsafeMutablePointer<engram_table>?
) -> engram_status {
  answering {
    let table = try given(table, "table")
    let store = try Handles.get(store, LiveStore.self)
    table.pointee = Handles.add(try OpenTable(text(reference, "reference"), in: store.now()))
  }
}

@c @implementation
public func engram_table_close(_ table: engram_table) -> engram_status {
  answering { try Handles.close(table, OpenTable.self) }
}

@c @implementation
public func engram_table_get_info(
  _ table: engram_table, _ info: UnsafeMutablePointer<engram_table_info>?
) -> engram_status {
  answering {
    let info = try given(info, "info")
    let table = try Handles.get(table, OpenTable.self)
    let manifest = table.manifest
    var numbers = engram_table_info()
    numbers.rows = Int64(manifest.rows)
    numbers.dimension = Int64(manifest.dimension)
    numbers.row_bytes = Int64(manifest.rowBytes)
    numbers.columns = Int64(table.addresses.columns)
    numbers.token_limit = Int64(table.addresses.tokenLimit)
    numbers.longest_ngram = Int64(table.addresses.longest)
    numbers.version = Int64(manifest.version)
    numbers.is_exact = manifest.exact == nil ? 0 : 1
    numbers.takes_segments = table.addresses.takesSegments ? 1 : 0
    put(manifest.identity, into: &numbers.identity)
    info.pointee = numbers
  }
}

@c @implementation
public func engram_table_describe(
  _ table: engram_table, _ json: UnsafeMutablePointer<engram_text>?
) -> engram_status {
  answering {
    let json = try given(json, "json")
    give(try JSONBody.encode(Handles.get(table, OpenTable.self).manifest), to: json)
  }
}

@c @implementation
public func engram_history_start(
  _ table: engram_table, _ history: UnsafeMutablePointer<engram_history>?
) -> engram_status {
  answering {
    let history = try given(history, "history")
    history.pointee = engram_history(try Handles.get(table, OpenTable.self).start())
  }
}

@c @implementation
public func engram_table_rows(
  _ table: engram_table, _ tokens: UnsafePointer<Int32>?, _ count: Int,
  _ masked: UnsafePointer<UInt8>?, _ segments: UnsafePointer<Int32>?,
  _ history: UnsafeMutablePointer<engram_history>?, _ rows: UnsafeMutablePointer<Int64>?
) -> engram_status {
  answering {
    let table = try Handles.get(table, OpenTable.self)
    let tokens = try elements(tokens, count, "tokens")
    let (total, overflow) = count.multipliedReportingOverflow(by: table.addresses.columns)
    let rows = try places(rows, overflow ? -1 : total, "rows")
    let masked = try masked.map { try elements($0, count, "masked") }
    let segments = try segments.map { try elements($0, count, "segments") }
    guard let history else {
      return try table.rows(for: tokens, masked: masked, segments: segments, into: rows)
    }
    var before = TokenHistory(history.pointee)
    try table.rows(
      for: tokens, masked: masked, segments: segments, history: &before, into: rows)
    history.pointee = engram_history(before)
  }
}

@c @implementation
public func engram_table_prefetch(
  _ table: engram_table, _ rows: UnsafePointer<Int64>?, _ count: Int,
  _ pages: UnsafeMutablePointer<UInt64>?
) -> engram_status {
  answering {
    let table = try Handles.get(table, OpenTable.self)
    let found = table.table.prefetch(try elements(rows, count, "rows"))
    pages?.pointee = UInt64(found)
  }
}

@c @implementation
public func engram_table_gather(
  _ table: engram_table, _ rows: UnsafePointer<Int64>?, _ count: Int, _ format: engram_format,
  _ flags: UInt32, _ out: UnsafeMutableRawPointer?, _ outBytes: Int
) -> engram_status {
  answering {
    let table = try Handles.get(table, OpenTable.self)
    let rows = try elements(rows, count, "rows")
    guard outBytes >= 0 else {
      throw LibraryError.badNumber(
        name: "out_bytes", found: Int64(outBytes), expected: "0 to \(Int.max)")
    }
    guard flags & ~UInt32(ENGRAM_MISSING_AS_ZERO) == 0 else {
      throw LibraryError.badNumber(
        name: "flags", found: Int64(flags), expected: "0 or ENGRAM_MISSING_AS_ZERO")
    }
    if count > 0, out == nil { throw LibraryError.null("out") }
    try table.gather(
      rows, as: RowFormat(format), missingAsZero: flags & UInt32(ENGRAM_MISSING_AS_ZERO) != 0,
      into: UnsafeMutableRawBufferPointer(start: out, count: out == nil ? 0 : outBytes))
  }
}

extension RowFormat {
  fileprivate init(_ format: engram_format) throws {
    switch Int(format) {
    case ENGRAM_RAW: self = .raw
    case ENGRAM_BF16: self = .bfloat16
    case ENGRAM_F32: self = .float32
    default:
      throw LibraryError.badNumber(
        name: "format", found: Int64(format), expected: "ENGRAM_RAW, ENGRAM_BF16 or ENGRAM_F32")
    }
  }
}

extension TokenHistory {
  fileprivate init(_ history: engram_history) {
    let tokens = withUnsafeBytes(of: history.recent) { $0.loadUnaligned(as: SIMD8<UInt32>.self) }
    self.init(recent: tokens, segment: history.segment)
  }
}

extension engram_history {
  fileprivate init(_ history: TokenHistory) {
    self.init()
    withUnsafeMutableBytes(of: &recent) {
      $0.storeBytes(of: history.recent, as: SIMD8<UInt32>.self)
    }
    segment = history.segment
  }
}
