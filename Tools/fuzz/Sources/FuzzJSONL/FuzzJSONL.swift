import FuzzCorpus
import FuzzDriver

/// Reads the fuzzer's bytes as a source of text, chosen by the first of them: lines of JSON whole
/// and in parts, a table, a page of HTML.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSONL(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return 0 }
  let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
  switch start.pointee & 7 {
  case 0, 1, 2: CorpusFuzz.readText(bytes, format: .jsonl)
  case 3, 4: CorpusFuzz.readText(bytes, format: .csv)
  case 5: CorpusFuzz.readText(bytes, format: .tsv)
  default: CorpusFuzz.readText(bytes, format: .html)
  }
  return 0
}

/// The program's entry.
@_cdecl("FuzzJSONL_main")
public func fuzzJSONLMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzJSONL)
}
