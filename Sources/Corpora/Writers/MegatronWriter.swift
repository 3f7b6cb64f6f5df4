import Files
import Samples

/// Megatron-LM's `PATH.bin` and `PATH.idx`: a sequence a sample, a document a sequence.
///
/// The index gets its name last: a `.bin` without it is what an interrupted run leaves at most.
final class MegatronWriter: CorpusWriter {
  private let binary: OutputFile
  private let index: OutputFile
  private let layout: TokenLayout
  private var sizes: [Int32] = []

  init(_ path: String, _ form: WrittenForm, overwrite: Bool) throws {
    guard case .tokens(let layout) = form else {
      throw CorpusWriterError.wrongKind(format: .megatron, kind: .document)
    }
    self.layout = layout
    let stem = path.hasSuffix(".bin") ? String(path.dropLast(4)) : path
    binary = try OutputFile(stem + ".bin", overwrite: overwrite)
    index = try OutputFile(stem + ".idx", overwrite: overwrite)
  }

  func append(_ sample: UnsafeRawBufferPointer, number: Int) throws {
    let tokens = try WrittenTokens(sample, layout, number: number, path: binary.path)
    guard let size = Int32(exactly: tokens.count) else {
      throw CorpusWriterError.sample(
        number: number, path: binary.path, reason: "it has \(tokens.count) tokens, over 2^31")
    }
    if layout.width == 4 {
      // The format has no unsigned numbers of 4 bytes.
      for index in 0..<tokens.count where tokens.id(index) > UInt32(Int32.max) {
        throw CorpusWriterError.sample(
          number: number, path: binary.path,
          reason: "its token \(index) is \(tokens.id(index)), the format's limit is \(Int32.max)")
      }
    }
    try binary.append(tokens.ids)
    sizes.append(size)
  }

  func finish() throws {
    index.buffer += Array("MMIDIDX\0\0".utf8)
    put(UInt64(1))
    index.buffer.append(layout.width == 2 ? 8 : 4)
    put(UInt64(sizes.count))
    put(UInt64(sizes.count + 1))
    for size in sizes {
      put(size)
      try index.flushIfLarge()
    }
    var place: Int64 = 0
    for size in sizes {
      put(place)
      place += Int64(size) * Int64(layout.width)
      try index.flushIfLarge()
    }
    for document in 0...Int64(sizes.count) {
      put(document)
      try index.flushIfLarge()
    }
    try binary.finish()
    try index.finish()
  }

  private func put(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { index.buffer.append(contentsOf: $0) }
  }
}
