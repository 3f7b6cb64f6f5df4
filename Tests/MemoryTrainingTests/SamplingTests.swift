import CKernels
import Foundation
import SeededRandom
import TestCheckpoints
import Testing
import TokenStreams

@testable import MemoryTraining

/// The parts of a step, each against a plain computation.
@Suite struct SamplingTests {
  @Test func tokensAreDrawnByTheirCountToThreeQuarters() {
    let counts = [0, 1000, 10, 100, 1, 0, 5000]
    let sampler = CandidateSampler(counts: counts)
    var generator = SeededGenerator(seed: 4)
    var drawn = [Int](repeating: 0, count: counts.count)
    let total = 200_000
    for _ in 0..<total { drawn[Int(sampler.draw(&generator))] += 1 }
    let weights = counts.map { pow(Double($0), 0.75) }
    let sum = weights.reduce(0, +)
    for (count, weight) in zip(drawn, weights) {
      let expected = weight / sum * Double(total)
      #expect(abs(Double(count) - expected) <= 5 * expected.squareRoot())
    }
  }

  @Test func inclusionIsTheShareOfBatchesWithTheToken() {
    let counts = [50, 30, 15, 5]
    let sampler = CandidateSampler(counts: counts)
    var generator = SeededGenerator(seed: 6)
    var found = [Int](repeating: 0, count: 4)
    let batches = 20_000
    for _ in 0..<batches {
      var seen: Set<Int32> = []
      for _ in 0..<4 {
        var place = Int.random(in: 0..<100, using: &generator)
        let token = counts.firstIndex { count in
          place -= count
          return place < 0
        }!
        seen.insert(Int32(token))
      }
      for _ in 0..<3 { seen.insert(sampler.draw(&generator)) }
      for token in seen { found[Int(token)] += 1 }
    }
    for token in 0..<4 {
      let share = exp(Double(sampler.logInclusion(of: Int32(token), targets: 4, draws: 3)))
      #expect(abs(Double(found[token]) / Double(batches) - share) < 0.015)
    }
  }

  @Test func softmaxAndItsGradientAreThePlainOnes() {
    var generator = SeededGenerator(seed: 1)
    for columns in [1, 7, 16, 33, 200] {
      let logits = (0..<3 * columns).map { _ in Float.random(in: -9...9, using: &generator) }
      let bias = (0..<columns).map { _ in Float.random(in: -2...2, using: &generator) }
      let targets = (0..<3).map { _ in Int32.random(in: 0..<Int32(columns), using: &generator) }
      var gradient = logits
      let loss = engram_train_softmax(&gradient, bias, targets, 3, columns)
      var most = [Float](repeating: -.infinity, count: 3)
      var sums = [Double](repeating: 0, count: 3)
      let half = columns / 2
      for (first, count) in [(0, half), (half, columns - half)] {
        let part = (0..<3).flatMap {
          logits[($0 * columns + first)..<($0 * columns + first + count)]
        }
        engram_train_add_exponentials(part, Array(bias[first...]), 3, count, &most, &sums)
      }
      var expected = 0.0
      for row in 0..<3 {
        let values = (0..<columns).map { Double(logits[row * columns + $0]) + Double(bias[$0]) }
        let sum = values.reduce(0) { $0 + exp($1) }
        expected += log(sum) - values[Int(targets[row])]
        #expect(abs(Double(most[row]) + log(sums[row]) - log(sum)) < 1e-5)
        for column in 0..<columns {
          let share = exp(values[column]) / sum - (column == Int(targets[row]) ? 1 : 0)
          #expect(abs(Double(gradient[row * columns + column]) - share) < 1e-5)
        }
      }
      #expect(abs(loss - expected) < 1e-4)
    }
  }

  @Test func rowsMoveAsAdagradSays() throws {
    let rows = try UpdatableRows(count: 10, dimension: 20)
    var generator = SeededGenerator(seed: 2)
    let ids: [Int64] = [3, 7, 3, 0]
    var fresh = [Float](repeating: 0, count: 80)
    engram_train_gather(rows.values, rows.accumulators, ids, 4, 20, 99, 0.5, &fresh)
    #expect(fresh[0..<20] == fresh[40..<60])
    #expect(fresh.allSatisfy { abs($0) <= 0.5 } && Set(fresh).count > 50)
    let gradients = (0..<80).map { _ in Float.random(in: -1...1, using: &generator) }
    var expected: [Int64: [Double]] = [:]
    var sums: [Int64: Double] = [:]
    let clip = 2.0
    for (index, id) in ids.enumerated() {
      var gradient = gradients[(index * 20)..<(index * 20 + 20)].map(Double.init)
      let length = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if length > clip { gradient = gradient.map { $0 * clip / length } }
      sums[id, default: 0] += gradient.reduce(0) { $0 + $1 * $1 } / 20
      let row = expected[id] ?? fresh[(index * 20)..<(index * 20 + 20)].map(Double.init)
      expected[id] = zip(row, gradient).map { $0 - 0.1 * $1 / sums[id]!.squareRoot() }
    }
    let bad = engram_train_update_rows(
      rows.values, rows.accumulators, ids, 4, 20, fresh, gradients, 0.1, Float(clip))
    #expect(bad == 0)
    for (id, row) in expected {
      for place in 0..<20 {
        #expect(abs(Double(rows.values[Int(id) * 20 + place]) - row[place]) < 1e-5)
      }
    }
    #expect((0..<20).allSatisfy { rows.values[20 + $0] == 0 })
    var infinite = [Float](repeating: 0, count: 20)
    infinite[4] = .nan
    #expect(
      engram_train_update_rows(
        rows.values, rows.accumulators, [1], 1, 20, infinite, infinite, 0.1, 1) == 1)
    #expect(rows.accumulators[1] == 0)
  }

  @Test func theFusionsWeightsMoveAsAdamSays() {
    var values: [Float] = [1, -2, 0.5]
    let optimizer = DenseOptimizer(values)
    var expected = values.map(Double.init)
    var (m, v) = ([0.0, 0, 0], [0.0, 0, 0])
    for step in 1...5 {
      // Summed over 4 tokens; the third step's is longer than the clip and is shortened.
      let gradient: [Float] = step == 3 ? [40, -80, 8] : [0.4, 2, Float(step)]
      #expect(optimizer.step(gradient, tokens: 4, rate: 0.01, clip: 2))
      let mean = gradient.map { Double($0) / 4 }
      let length = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for index in 0..<3 {
        let g = mean[index] * min(1, 2 / length)
        m[index] = 0.9 * m[index] + 0.1 * g
        v[index] = 0.99 * v[index] + 0.01 * g * g
        expected[index] -=
          0.01 * (m[index] / (1 - pow(0.9, Double(step))))
          / ((v[index] / (1 - pow(0.99, Double(step)))).squareRoot() + 1e-8)
      }
    }
    #expect(!optimizer.step([.nan, 0, 0], tokens: 4, rate: 0.01, clip: 2))
    optimizer.copy(to: &values)
    for index in 0..<3 { #expect(abs(Double(values[index]) - expected[index]) < 1e-5) }
  }

  @Test func everyStretchIsDealtOnceAnEpoch() throws {
    let fixture = try TrainingFixture(documents: 120, length: 75)
    let corpus = try TokenCorpus.make(
      from: fixture.stream(), heldOut: HeldOut(share: 0.1, seed: 1), share: 0.1, seed: 1,
      in: fixture.scratch("corpus"), threads: 1)
    let stretches = Stretches(corpus.training, length: 32)
    #expect(stretches.count == corpus.training.documents * 3)
    let cursor = BatchCursor(stretches, seed: 3, epochs: 2, position: .init())
    cursor.extend(by: .max / 2)
    var epochs: [[Stretches.Stretch]] = [[], []]
    while let batch = cursor.next(tokens: 100) {
      #expect(batch.stretches.reduce(0) { $0 + $1.count } <= 100)
      epochs[batch.position.epoch] += batch.stretches
    }
    #expect(cursor.isAtEnd)
    for epoch in epochs {
      #expect(Set(epoch).count == epoch.count)
      #expect(epoch.reduce(0) { $0 + $1.count } == corpus.training.predictions)
    }
    #expect(epochs[0] != epochs[1])
  }
}
