import FuzzCorpus
import FuzzDriver
import Samples

/// Reads the fuzzer's bytes as a WebDataset tar.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTar(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  for kind in SampleKind.allCases { CorpusFuzz.read(bytes, format: .webdataset, kind: kind) }
  return 0
}

/// The program's entry.
@_cdecl("FuzzTar_main")
public func fuzzTarMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzTar)
}
