import ContextStore
import NIOCore
import Serving

/// A read of a group, as it is answered: [layers, rows of the blocks, row_bytes], cut into pieces: some
/// whole layers, or where one is larger than a piece, some blocks of it.
struct ContextReading: Sendable {
  let prefix: ContextPrefix
  let shape: GroupShape
  let layers: Range<Int>
  let pieceBytes: Int
  /// Those that are asked for; once begun, those that are there.
  private(set) var blocks: Range<Int>

  init(
    prefix: ContextPrefix, shape: GroupShape, layers: Range<Int>, blocks: Range<Int>,
    pieceBytes: Int
  ) {
    self.prefix = prefix
    self.shape = shape
    self.layers = layers
    self.blocks = blocks
    self.pieceBytes = pieceBytes
  }

  /// Bytes of the answer.
  var bytes: Int { shape.bytes(layers: layers.count, blocks: blocks.count) }

  /// Bytes of the largest piece.
  var mostPieceBytes: Int { min(bytes, max(pieceBytes, shape.sliceBytes)) }

  /// How many pieces the answer has.
  var pieces: Int {
    guard bytes > 0 else { return 1 }
    let (layers, blocks) = step
    return Self.parts(self.layers.count, layers) * Self.parts(self.blocks.count, blocks)
  }

  /// A piece's bytes. May wait for the disk.
  ///
  /// - Throws: `ContextError.missing` where a block of it is not there any more.
  func piece(_ index: Int) throws -> ByteBuffer {
    guard bytes > 0 else { return ByteBuffer() }
    let (layers, blocks) = part(index)
    let (buffer, delivered) = try read(layers, blocks)
    guard delivered == blocks.count else {
      throw ContextError.missing(
        group: shape.name, layer: layers.lowerBound,
        row: Int64((blocks.lowerBound + delivered) * shape.blockRows))
    }
    return buffer
  }

  /// The same read of no more than what is there, and its first piece: where a block turns out to be
  /// damaged, those before it are all. May wait for the disk.
  ///
  /// - Throws: `ContextError`.
  func begun() throws -> (reading: ContextReading, first: ByteBuffer) {
    var whole = self
    whole.keep(try there())
    while whole.bytes > 0 {
      let (layers, blocks) = whole.part(0)
      let (buffer, delivered) = try read(layers, blocks)
      if delivered == blocks.count { return (whole, buffer) }
      whole.keep(delivered)
    }
    return (whole, ByteBuffer())
  }

  /// How many blocks are there from the first on.
  private func there() throws -> Int {
    let present = try PresentBlocks(shape.name, of: prefix)
    if let run = present.run(from: blocks.lowerBound) { return min(run, blocks.count) }
    // Blocks between others that are missing: only reading tells.
    let step = max(1, pieceBytes / shape.sliceBytes)
    var count = 0
    while count < blocks.count {
      let start = blocks.lowerBound + count
      let part = start..<min(start + step, blocks.upperBound)
      let delivered = try read(layers.prefix(1), part).delivered
      count += delivered
      guard delivered == part.count else { break }
    }
    return count
  }

  private mutating func keep(_ count: Int) { blocks = blocks.prefix(count) }

  /// Layers and blocks of a piece.
  private var step: (layers: Int, blocks: Int) {
    let layer = shape.bytes(layers: 1, blocks: blocks.count)
    return layer <= pieceBytes
      ? (max(1, pieceBytes / max(1, layer)), blocks.count)
      : (1, max(1, pieceBytes / shape.sliceBytes))
  }

  private func part(_ index: Int) -> (layers: Range<Int>, blocks: Range<Int>) {
    let (layers, blocks) = step
    let (row, column) = index.quotientAndRemainder(
      dividingBy: Self.parts(self.blocks.count, blocks))
    return (
      self.layers.dropFirst(row * layers).prefix(layers),
      self.blocks.dropFirst(column * blocks).prefix(blocks)
    )
  }

  private func read(
    _ layers: Range<Int>, _ blocks: Range<Int>
  ) throws -> (buffer: ByteBuffer, delivered: Int) {
    let count = shape.bytes(layers: layers.count, blocks: blocks.count)
    var buffer = ByteBufferAllocator().buffer(capacity: max(1, count))
    var delivered = 0
    _ = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { out in
      delivered = try prefix.get(
        shape.name, layers: layers, blocks: blocks,
        into: UnsafeMutableRawBufferPointer(rebasing: out[..<count]))
      return count
    }
    return (buffer, delivered)
  }

  private static func parts(_ count: Int, _ step: Int) -> Int { (count + step - 1) / step }
}
