/// An array of token ids in memory, one dimension.
struct NpyMember {
  let type: IntegerType
  let count: Int
  /// Where the elements are.
  let range: Range<Int>

  /// - Throws: `BinaryFault` where the bytes are not just such an array.
  init(_ bytes: [UInt8]) throws {
    let header = try NpyHeader(ForwardBytes(bytes))
    guard header.shape.count == 1 || header.shape[0] == 1 else {
      throw BinaryFault("its array has the shape \(header.shape), a sample has [tokens]")
    }
    guard header.dataBytes == bytes.count - header.dataOffset else {
      throw BinaryFault("its array of shape \(header.shape) does not end where the member does")
    }
    type = header.type
    count = header.elements
    range = header.dataOffset..<bytes.count
  }
}
