import FuzzCorpus
import FuzzDriver

/// Reads the fuzzer's bytes as a folder of shards: the index, two NULs, the shard.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMDS(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  CorpusFuzz.readFolder(bytes)
  return 0
}

/// The program's entry.
@_cdecl("FuzzMDS_main")
public func fuzzMDSMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzMDS)
}
