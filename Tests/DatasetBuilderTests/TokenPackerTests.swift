import Samples
import SeededRandom
import Testing

@testable import DatasetBuilder

@Suite struct TokenPackerTests {
  private static func documents(seed: UInt64, most: Int32) -> [[Int32]] {
    var random = SeededGenerator(seed: seed)
    return (0..<60).map { _ in
      (0..<Int.random(in: 0...300, using: &random)).map { _ in
        Int32.random(in: 0..<most, using: &random)
      }
    }
  }

  /// The ids and starts of samples that were packed.
  private static func parts(
    _ samples: [[UInt8]], _ layout: TokenLayout
  ) throws -> [(ids: [Int32], starts: [Int])] {
    try samples.map { sample in
      try sample.withUnsafeBytes { bytes in
        let (ids, starts) = try layout.parts(of: bytes)
        let numbers = stride(from: 0, to: ids.count, by: layout.width).map { at -> Int32 in
          (0..<layout.width).reduce(Int32(0)) { $0 | Int32(bytes[at + $1]) << (8 * $1) }
        }
        return (numbers, starts)
      }
    }
  }

  private static func pack(
    _ documents: [[Int32]], width: Int, length: Int?
  ) throws -> (samples: [[UInt8]], layout: TokenLayout) {
    var packer = TokenPacker(width: width, length: length)
    var samples: [[UInt8]] = []
    for document in documents { packer.append(document) { samples.append(Array($0)) } }
    packer.finish { samples.append(Array($0)) }
    return (samples, packer.layout)
  }

  @Test(arguments: [1, 2, 7, 64, 100_000], [2, 4])
  func everyTokenIsThereOnceAndDocumentsCanBeRebuilt(length: Int, width: Int) throws {
    let documents = Self.documents(seed: UInt64(length), most: width == 2 ? 65_536 : .max)
    let packed = try Self.pack(documents, width: width, length: length)
    let parts = try Self.parts(packed.samples, packed.layout)
    #expect(parts.flatMap(\.ids) == documents.flatMap { $0 })
    #expect(parts.dropLast().allSatisfy { $0.ids.count == length })
    #expect((parts.last?.ids.count ?? 0) <= length)
    // Cut where documents start, the tokens are the documents again.
    var rebuilt: [[Int32]] = []
    for part in parts {
      for (place, id) in part.ids.enumerated() {
        if part.starts.contains(place) { rebuilt.append([]) }
        rebuilt[rebuilt.count - 1].append(id)
      }
    }
    #expect(rebuilt == documents.filter { !$0.isEmpty })
  }

  @Test func withoutPackingADocumentIsASample() throws {
    let documents = Self.documents(seed: 5, most: 1000)
    let packed = try Self.pack(documents, width: 2, length: nil)
    #expect(try Self.parts(packed.samples, packed.layout).map(\.ids) == documents)
    #expect(packed.layout == TokenLayout(width: 2))
  }
}
