import Samples
import Testing

@Suite struct DocumentSampleTests {
  private func parts(_ bytes: [UInt8]) throws -> (metadata: [UInt8], text: [UInt8]) {
    try bytes.withUnsafeBytes {
      let sample = try DocumentSample($0)
      return (Array($0[sample.metadata]), Array($0[sample.text]))
    }
  }

  @Test(arguments: [("{}", ""), (#"{"id":"a/ü.txt"}"#, "text\0 with\r\n anything 中文"), ("", "x")])
  func partsComeOutAsTheyWentIn(metadata: String, text: String) throws {
    var bytes: [UInt8] = []
    DocumentSample.append(metadata: metadata.utf8, text: text.utf8, to: &bytes)
    let size = metadata.utf8.count
    #expect(Array(bytes[..<4]) == [UInt8(size), 0, 0, 0])
    #expect(bytes.count == 4 + size + text.utf8.count)
    let found = try parts(bytes)
    #expect(found.metadata == Array(metadata.utf8) && found.text == Array(text.utf8))
  }

  @Test func metadataOfManyBytesHasItsSizeLowestByteFirst() throws {
    var bytes: [UInt8] = []
    DocumentSample.append(
      metadata: [UInt8](repeating: 32, count: 70_000), text: [1, 2], to: &bytes)
    #expect(Array(bytes[..<4]) == [0x70, 0x11, 1, 0])
    #expect(try parts(bytes).text == [1, 2])
  }

  @Test(arguments: [
    [], [0], [0, 0, 0], [1, 0, 0, 0], [255, 255, 255, 255, 1], [3, 0, 0, 0, 1, 2],
  ])
  func sizesThatDoNotFitAreRefused(bytes: [UInt8]) {
    #expect {
      try parts(bytes)
    } throws: { error in
      guard case .malformed(.document, _)? = error as? SampleError else { return false }
      return "\(error)".hasPrefix("this is no document sample") && !"\(error)".contains("\n")
    }
  }
}

@Suite struct TokenLayoutTests {
  private func parts(
    _ bytes: [UInt8], _ layout: TokenLayout
  ) throws -> (ids: Range<Int>, starts: [Int]) {
    try bytes.withUnsafeBytes { try layout.parts(of: $0) }
  }

  @Test(arguments: [2, 4], [true, false])
  func idsAndBoundariesComeOutAsTheyWentIn(width: Int, hasBoundaries: Bool) throws {
    let layout = TokenLayout(width: width, hasBoundaries: hasBoundaries)
    let ids: [UInt32] = [0, 1, 65_535, 256, 77]
    for starts in [[], [0], [0, 3], [2, 4, 5]] as [[Int]] {
      var bytes: [UInt8] = []
      layout.append(ids: ids, starts: starts, to: &bytes)
      #expect(bytes.count == width * 5 + (hasBoundaries ? 4 * (starts.count + 1) : 0))
      let found = try parts(bytes, layout)
      #expect(found.starts == (hasBoundaries ? starts : []))
      #expect(found.ids == 0..<width * 5)
      let read = stride(from: 0, to: width * 5, by: width).map { start in
        (0..<width).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
      }
      #expect(read == ids)
    }
  }

  @Test func idsAreLowestByteFirst() {
    var bytes: [UInt8] = []
    TokenLayout(width: 4, hasBoundaries: true).append(
      ids: [0x0403_0201], starts: [0], to: &bytes)
    #expect(bytes == [1, 2, 3, 4, 0, 0, 0, 0, 1, 0, 0, 0])
    bytes = []
    TokenLayout(width: 2).append(ids: [0x0201, 0x0403], to: &bytes)
    #expect(bytes == [1, 2, 3, 4])
  }

  @Test func anEmptySampleHasNoIds() throws {
    #expect(try parts([], TokenLayout(width: 2)).ids.isEmpty)
    #expect(try parts([0, 0, 0, 0], TokenLayout(width: 2, hasBoundaries: true)).starts == [])
  }

  @Test(
    arguments: [
      ([1], 2, false),  // half an id
      ([1, 2, 3, 4, 5, 6], 4, false),
      ([], 2, true), ([0, 0, 0], 2, true),  // no list
      ([1, 0, 0, 0], 2, true), ([0, 0, 0, 0, 255, 255, 255, 255], 2, true),  // a list cut off
      ([9, 9, 2, 0, 0, 0, 1, 0, 0, 0], 2, true),  // behind the end
      ([9, 9, 255, 255, 255, 255, 1, 0, 0, 0], 2, true),
      ([9, 9, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0], 2, true),  // descending
      ([9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0], 2, true),  // twice
      ([9, 9, 9, 0, 0, 0, 0], 2, true),
    ] as [([UInt8], Int, Bool)])
  func sizesThatDoNotFitAreRefused(bytes: [UInt8], width: Int, hasBoundaries: Bool) {
    #expect(throws: SampleError.self) {
      try parts(bytes, TokenLayout(width: width, hasBoundaries: hasBoundaries))
    }
  }
}
