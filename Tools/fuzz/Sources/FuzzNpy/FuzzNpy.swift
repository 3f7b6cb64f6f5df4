import FuzzCorpus
import FuzzDriver

/// Reads the fuzzer's bytes as an array of token ids.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzNpy(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  CorpusFuzz.read(bytes, format: .npy, kind: .tokens)
  return 0
}

/// The program's entry.
@_cdecl("FuzzNpy_main")
public func fuzzNpyMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzNpy)
}
