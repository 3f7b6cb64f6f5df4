import Compression
protocol ByteSource: AnyObject { func read(into: UnsafeMutableRawBufferPointer) throws -> Int }
func openByteSource(path: String, compression: CompressionFormat) throws -> any ByteSource {
  throw BinaryFault("not yet")
}
