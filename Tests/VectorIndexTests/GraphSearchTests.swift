import Bitsets
import Files
import Foundation
import SeededRandom
import Storage
import TestCheckpoints
import Testing

@testable import VectorIndex

@Suite struct GraphSearchTests {
  /// Graph and plain search of the same vectors, made once.
  private struct Made: Sendable {
    static let shared = Result { try Made() }
    let scratch: ScratchFolder
    let graph: VectorIndex
    let flat: VectorIndex

    init() throws {
      scratch = try ScratchFolder()
      var vectors = TestVectors.clustered(
        count: 12_000, dimensions: 32, clusters: 4, spread: 3, seed: 1)
      for row in stride(from: 0, to: 12_000, by: 500) {
        vectors.rows[row] = [Float](repeating: 0, count: 32)
      }
      try vectors.write(to: scratch("v"), graphAbove: 0)
      graph = try VectorIndex(folder: scratch("v"), salt: "salt")
      flat = try VectorIndex(folder: scratch("v"), salt: "salt", graph: false)
    }
  }

  private func question(_ generator: inout SeededGenerator, _ index: VectorIndex) throws -> [Float]
  {
    let near = try index.vector(Int.random(in: 0..<index.count, using: &generator))
    return near.map { $0 + .random(in: -0.1...0.1, using: &generator) }
  }

  @Test func graphFindsWhatComparingAllFinds() throws {
    let made = try Made.shared.get()
    #expect(made.graph.hasGraph && !made.flat.hasGraph)
    var generator = SeededGenerator(seed: 2)
    var hits = 0
    for _ in 0..<100 {
      let question = try question(&generator, made.graph)
      let exact = try made.flat.nearest(to: question, k: 10)
      let found = try made.graph.nearest(to: question, k: 10)
      #expect(found.count == 10)
      hits += Set(exact.map(\.passage)).intersection(found.map(\.passage)).count
      for (one, next) in zip(found, found.dropFirst()) { #expect(one.score >= next.score) }
      for one in found { #expect(try made.graph.vector(one.passage).contains { $0 != 0 }) }
    }
    #expect(Double(hits) / 1000 >= 0.95, "recall \(Double(hits) / 1000)")
  }

  @Test func onlyAllowedPassagesAreFound() throws {
    let made = try Made.shared.get()
    var generator = SeededGenerator(seed: 3)
    var hits = 0
    for share in [0.9, 0.87, 0.001, 0.3] {
      var allowed = Bitset(count: made.graph.count)
      for passage in 0..<made.graph.count
      where Double.random(in: 0..<1, using: &generator) < share { allowed.insert(passage) }
      for _ in 0..<25 {
        let question = try question(&generator, made.graph)
        let exact = try made.flat.nearest(to: question, k: 10, allowed: allowed)
        let found = try made.graph.nearest(to: question, k: 10, allowed: allowed)
        #expect(found.allSatisfy { allowed.contains($0.passage) })
        #expect(found.count == exact.count)
        hits += Set(exact.map(\.passage)).intersection(found.map(\.passage)).count
      }
    }
    #expect(hits >= 950, "recall \(Double(hits) / 1000)")
  }

  @Test func sameVectorsMakeTheSameGraph() throws {
    let scratch = try ScratchFolder()
    let vectors = TestVectors.clustered(
      count: 400, dimensions: 8, clusters: 4, spread: 1, seed: 4)
    try vectors.write(to: scratch("a"), graphAbove: 10)
    try vectors.write(to: scratch("b"), graphAbove: 10)
    #expect(
      try DurableFile.read(scratch("a") + "/graph") == DurableFile.read(scratch("b") + "/graph"))
  }

  @Test func onlyZerosAndEqualVectorsMakeUsableGraphs() throws {
    let scratch = try ScratchFolder()
    try TestVectors(rows: [[Float]](repeating: [0, 0], count: 50)).write(
      to: scratch("zeros"), graphAbove: 1)
    let zeros = try VectorIndex(folder: scratch("zeros"), salt: "salt")
    #expect(try zeros.nearest(to: [1, 0], k: 3).map(\.passage) == [0, 1, 2])
    try TestVectors(rows: [[Float]](repeating: [1, 1], count: 300)).write(
      to: scratch("equal"), graphAbove: 1)
    let equal = try VectorIndex(folder: scratch("equal"), salt: "salt")
    #expect(equal.hasGraph)
    #expect(try equal.nearest(to: [1, 0], k: 3).count == 3)
  }

  @Test func buildingTellsHowFarItIsAndCanBeEnded() throws {
    struct Enough: Error {}
    let scratch = try ScratchFolder()
    let vectors = TestVectors.clustered(
      count: 3000, dimensions: 4, clusters: 4, spread: 1, seed: 5)
    var told: [Int] = []
    try vectors.write(to: scratch("a"), graphAbove: 10) { done, count in
      #expect(count == 3000)
      told.append(done)
    }
    #expect(told == [0, 1024, 2048, 3000])
    #expect(throws: Enough.self) {
      try vectors.write(to: scratch("b"), graphAbove: 10) { done, _ in
        if done > 1000 { throw Enough() }
      }
    }
  }

  @Test func changedBitsAreFound() throws {
    let scratch = try ScratchFolder()
    let vectors = TestVectors.clustered(
      count: 300, dimensions: 4, clusters: 4, spread: 1, seed: 6)
    try vectors.write(to: scratch("v"), graphAbove: 10)
    var generator = SeededGenerator(seed: 7)
    for name in ["vectors", "graph"] {
      let path = scratch("v") + "/" + name
      let bytes = try DurableFile.read(path)
      for _ in 0..<100 {
        var changed = bytes
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        try Data(changed).write(to: URL(fileURLWithPath: path))
        #expect(throws: (any Error).self) {
          let index = try VectorIndex(folder: scratch("v"), salt: "salt")
          _ = try index.walkGraph(to: vectors.rows[0], k: 5)
        }
      }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
  }

  @Test func graphsOfAnyContentAreWalkedWithoutHarm() throws {
    let scratch = try ScratchFolder()
    let vectors = TestVectors.clustered(
      count: 300, dimensions: 4, clusters: 4, spread: 1, seed: 8)
    try vectors.write(to: scratch("v"), graphAbove: 10)
    let path = scratch("v") + "/graph"
    let file = try CheckedFile(path: path, salt: "salt/graph")
    let good = try withExtendedLifetime(file) { Array(try $0.allBytes()) }
    var generator = SeededGenerator(seed: 9)
    var opened = 0
    for round in 0..<300 {
      var words = stride(from: 0, to: good.count, by: 4).map { start in
        (0..<4).reduce(UInt32(0)) { $0 | UInt32(good[start + $1]) << UInt32(8 * $1) }
      }
      // The checksums are right, what they are of is not.
      for _ in 0..<Int.random(in: 1...50, using: &generator) {
        let place = Int.random(in: (round % 2 == 0 ? 0 : 16)..<words.count, using: &generator)
        words[place] = [
          UInt32.random(in: 0...320, using: &generator), .max,
          UInt32.random(in: .min ... .max, using: &generator),
        ].randomElement(using: &generator)!
      }
      try DurableFile.remove(path)
      let writer = try CheckedFileWriter(creating: path, salt: "salt/graph")
      try words.withUnsafeBytes { try writer.append($0) }
      try writer.finish()
      do {
        let index = try VectorIndex(folder: scratch("v"), salt: "salt")
        opened += 1
        for (passage, _) in try index.walkGraph(to: vectors.rows[round % 300], k: 5) {
          #expect((0..<300).contains(passage))
        }
      } catch let error as VectorIndexError {
        #expect(!error.description.contains("\n"))
      }
    }
    #expect(opened >= 150)
  }
}
