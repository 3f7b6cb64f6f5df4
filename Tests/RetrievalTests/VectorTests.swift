import Datasets
import Files
import Foundation
import Questions
import SeededRandom
import Testing

@testable import Retrieval

@Suite struct VectorTests {
  /// A file of vectors as NumPy writes it.
  private func write(_ rows: [[Float]], to path: String) throws {
    var head =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows.count), \(rows[0].count)), }"
    while (head.utf8.count + 11) % 64 != 0 { head += " " }
    head += "\n"
    var bytes = Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) }) + [1, 0]
    bytes += [UInt8(head.utf8.count & 255), UInt8(head.utf8.count >> 8)]
    bytes += Array(head.utf8)
    for row in rows {
      for number in row { withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 } }
    }
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: path) }
  }

  private func cosine(_ left: [Float], _ right: [Float]) -> Double {
    func dot(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    return dot(left, right) / (dot(left, left) * dot(right, right)).squareRoot()
  }

  @Test func broughtVectorsFindTheirPassages() throws {
    let fixture = try RetrievalFixture()
    var documents = RetrievalFixture.documents(120, seed: 41)
    try fixture.publish(documents)
    try fixture.build()
    // A later version shares segments, so that passages do not lie in the dataset's order.
    for index in stride(from: 0, to: 120, by: 7) { documents[index].text += " w5" }
    documents.swapAt(3, 90)
    try fixture.publish(documents)
    try fixture.build()
    var random = SeededGenerator(seed: 42)
    var passages: [Passage] = []
    try fixture.index().forEachPassage { passages.append($0) }
    let rows = passages.map { _ in
      (0..<6).map { _ in Float.random(in: -1...1, using: &random) }
    }
    let path = fixture.scratch("v.npy")
    try write(rows, to: path)
    let built = try fixture.build(vectors: .brought(path: path))
    #expect(built.manifest.vectors?.dimensions == 6 && built.indexed == 0)
    let search = Search([try fixture.index()])
    for _ in 0..<50 {
      let vector = (0..<6).map { _ in Float.random(in: -1...1, using: &random) }
      let hits = try search.answer(
        SearchRequest(
          question: Question(text: ""), limit: 8, perDocument: 0, mode: .dense, vector: vector)
      ).hits
      let expected = passages.indices.map { (cosine(rows[$0], vector), passages[$0]) }
        .sorted { $0.0 > $1.0 }.prefix(8)
      #expect(hits.map(\.sample) == expected.map(\.1.sample))
      #expect(hits.map(\.ordinal) == expected.map(\.1.ordinal))
      #expect(zip(hits, expected).allSatisfy { abs($0.score - $1.0) < 1e-5 })
    }
    #expect(throws: RetrievalError.noModel(index: "d@2")) {
      try search.answer(SearchRequest(question: Question(text: "w5"), mode: .hybrid))
    }
    try write(Array(rows.dropLast()), to: path)
    #expect(throws: (any Error).self) { try fixture.build(vectors: .brought(path: path)) }
    #expect(try IndexVerification(built.index, in: fixture.store()).problems == [])
  }

  @Test func oneDocumentDoesNotFillADenseAnswer() throws {
    let fixture = try RetrievalFixture()
    let words = (0..<400).map { "w\($0)" }.joined(separator: " ")
    try fixture.publish([
      .init(metadata: "{}", text: words), .init(metadata: "{}", text: "other"),
      .init(metadata: "{}", text: "another"),
    ])
    try fixture.build()
    var count = 0
    try fixture.index().forEachPassage { _ in count += 1 }
    #expect(count == 22)
    let path = fixture.scratch("v.npy")
    try write((0..<count).map { [Float(count - $0), 1] }, to: path)
    try fixture.build(vectors: .brought(path: path))
    let search = Search([try fixture.index()])
    func samples(_ perDocument: Int) throws -> [Int] {
      try search.answer(
        SearchRequest(
          question: Question(text: ""), limit: 4, perDocument: perDocument, mode: .dense,
          vector: [1, 0])
      ).hits.map(\.sample)
    }
    #expect(try samples(0) == [0, 0, 0, 0])
    #expect(try samples(2) == [0, 0, 1, 2])
    #expect(try samples(1) == [0, 1, 2])
  }
}
