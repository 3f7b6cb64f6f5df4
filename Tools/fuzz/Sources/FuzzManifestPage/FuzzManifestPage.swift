import ChunkStore
import Datasets
import FuzzDriver

/// Reads the fuzzer's bytes as a page of a manifest. They are refused with an error of one line,
/// or every extent lies within its chunk.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzManifestPage(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do {
    let extents = try ManifestPage.decode(bytes, place: "fuzz")
    precondition(bytes.count == 16 + 72 * extents.count, "bytes that belong to no extent")
    for extent in extents {
      precondition(extent.first >= 0 && extent.count > 0, "no samples")
      precondition(extent.indices.upperBound <= extent.chunk.samples, "behind the chunk")
      precondition((0...extent.chunk.rawBytes).contains(extent.rawBytes), "more than the chunk")
      precondition(extent.chunk.fileBytes >= 0, "no size")
    }
  } catch {
    precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
  }
  return 0
}

/// The program's entry.
@_cdecl("FuzzManifestPage_main")
public func fuzzManifestPageMain(
  _ count: CInt, _ arguments: UnsafeMutableRawPointer?
) -> CInt {
  fuzz(count, arguments, fuzzManifestPage)
}
