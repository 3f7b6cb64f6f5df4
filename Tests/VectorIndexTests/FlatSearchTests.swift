import Bitsets
import Files
import SeededRandom
import Storage
import TestCheckpoints
import Testing
import VectorIndex

@Suite struct FlatSearchTests {
  @Test(arguments: [1, 3, 16, 65]) func nearestEqualsComparingAll(dimensions: Int) throws {
    let scratch = try ScratchFolder()
    var generator = SeededGenerator(seed: UInt64(dimensions))
    for count in [0, 1, 2, 255, 256, 257, 700] {
      var vectors = TestVectors.clustered(
        count: count, dimensions: dimensions, clusters: 5, spread: 0.5, seed: UInt64(count))
      if count > 4 {
        vectors.rows[2] = [Float](repeating: 0, count: dimensions)
        vectors.rows[4] = vectors.rows[1].map { $0 * 3 }
      }
      let folder = scratch("\(count)")
      try DurableFile.createFolder(folder)
      let writer = try VectorIndexWriter(folder: folder, salt: "s", dimensions: dimensions)
      for row in vectors.rows { try writer.append(row) }
      try writer.finish()
      let index = try VectorIndex(folder: folder, salt: "s")
      #expect(index.count == count && index.dimensions == dimensions && !index.hasGraph)
      for k in [0, 1, 10, 1000] {
        let question = (0..<dimensions).map { _ in Float.random(in: -1...1, using: &generator) }
        var allowed = Bitset(count: count)
        for passage in 0..<count where Bool.random(using: &generator) { allowed.insert(passage) }
        for set in [nil, allowed, Bitset(count: count, filled: true), Bitset(count: count)] {
          let found = try index.nearest(to: question, k: k, allowed: set)
          let all = vectors.ranked(to: question) { set?.contains($0) ?? true }
          #expect(found.count == min(k, all.count))
          #expect(Set(found.map(\.passage)).count == found.count)
          for (place, one) in found.enumerated() {
            // Rounding may swap neighbours, so places are compared by score.
            #expect(abs(Double(one.score) - all[place].score) < 1e-5)
            let own = TestVectors.cosine(vectors.rows[one.passage], question)
            #expect(abs(own - all[place].score) < 1e-5)
            #expect(set?.contains(one.passage) ?? true)
          }
        }
      }
    }
  }

  @Test func equalScoresAreInTheOrderOfPassages() throws {
    let scratch = try ScratchFolder()
    let vectors = TestVectors(rows: (0..<600).map { [Float($0 % 3 == 0 ? 1 : 2), 0] })
    try vectors.write(to: scratch("v"))
    let index = try VectorIndex(folder: scratch("v"), salt: "salt")
    #expect(try index.nearest(to: [5, 0], k: 50).map(\.passage) == Array(0..<50))
    #expect(try index.nearest(to: [5, 0], k: 600).map(\.passage) == Array(0..<600))
  }

  @Test func vectorsBecomeOfLengthOneAndZerosStay() throws {
    let scratch = try ScratchFolder()
    let huge = Float.greatestFiniteMagnitude
    let tiny = Float.leastNonzeroMagnitude
    try TestVectors(rows: [[3, 4], [0, 0], [huge, huge], [tiny, 0]]).write(to: scratch("v"))
    let index = try VectorIndex(folder: scratch("v"), salt: "salt")
    #expect(try index.vector(0) == [0.6, 0.8])
    #expect(try index.vector(1) == [0, 0])
    #expect(try index.vector(2).allSatisfy { abs($0 - Float(0.5).squareRoot()) < 1e-6 })
    #expect(try index.vector(3) == [1, 0])
    let found = try index.nearest(to: [-1, -1], k: 4)
    #expect(found.first?.passage == 1 && found.first?.score == 0)
    #expect(try index.nearest(to: [0, 0], k: 4).isEmpty)
  }

  @Test func mergedVectorsAreTheSame() throws {
    let scratch = try ScratchFolder()
    let vectors = TestVectors.clustered(
      count: 30, dimensions: 7, clusters: 3, spread: 1, seed: 9)
    try vectors.write(to: scratch("a"))
    let old = try VectorIndex(folder: scratch("a"), salt: "salt")
    try DurableFile.createFolder(scratch("b"))
    let writer = try VectorIndexWriter(folder: scratch("b"), salt: "other", dimensions: 7)
    for passage in stride(from: 29, through: 0, by: -2) {
      try writer.append(from: old, passage: passage)
    }
    try writer.finish()
    let merged = try VectorIndex(folder: scratch("b"), salt: "other")
    #expect(merged.count == 15)
    for place in 0..<15 { #expect(try merged.vector(place) == old.vector(29 - 2 * place)) }
  }

  @Test func wrongVectorsAreRefused() throws {
    let scratch = try ScratchFolder()
    try DurableFile.createFolder(scratch("v"))
    let writer = try VectorIndexWriter(folder: scratch("v"), salt: "s", dimensions: 2)
    try writer.append([1, 2])
    let path = scratch("v") + "/vectors"
    #expect(throws: VectorIndexError.notFinite(path: path, row: 1)) {
      try writer.append([1, .nan])
    }
    #expect(throws: VectorIndexError.notFinite(path: path, row: 1)) {
      try writer.append([.infinity, 1])
    }
    #expect(throws: VectorIndexError.wrongDimensions(path: path, expected: 2, found: 3)) {
      try writer.append([1, 2, 3])
    }
    try writer.finish()
    let index = try VectorIndex(folder: scratch("v"), salt: "s")
    #expect(index.count == 1)
    #expect(throws: VectorIndexError.self) { try index.nearest(to: [1], k: 1) }
    #expect(throws: VectorIndexError.self) { try index.nearest(to: [1, .nan], k: 1) }
    #expect(throws: StorageError.self) { try VectorIndex(folder: scratch("v"), salt: "t") }
    #expect(throws: VectorIndexError.self) {
      try VectorIndexWriter(folder: scratch("v"), salt: "s", dimensions: 0)
    }
  }
}
