import Addressing
import Foundation
import Fusion
import TestCheckpoints
import Testing

@testable import MemoryTraining

/// Held-out losses against plain loops over whole documents.
@Suite struct EvaluatorTests {
  @Test(arguments: [FusionForm.deepSeekV41, .engramPaper], [1, 2])
  func lossesAreThoseOfAPlainSoftmax(form: FusionForm, branches: Int) throws {
    // Documents of several pieces, so that what a piece looks back to counts.
    let fixture = try TrainingFixture(documents: 30, length: 1300)
    var options = TrainingFixture.options()
    options.form = form
    options.branches = branches
    options.epochs = 1
    let trainer = try fixture.trainer(options)
    _ = try trainer.run { _ in }
    let losses = try trainer.evaluate([.on, .off], limit: .max)
    let plain = try Plain(trainer)
    var (on, off, count) = (0.0, 0.0, 0)
    try trainer.corpus.heldOut.forEachDocument { document in
      let states = try plain.states(Array(document))
      for place in 0..<(document.count - 1) {
        on += plain.loss(of: document[place + 1], state: states[place])
        off += plain.loss(of: document[place + 1], state: plain.embedding(document[place]))
        count += 1
      }
    }
    #expect(count > 1299 && losses[.on]!.tokens == count && losses[.off]!.tokens == count)
    #expect(abs(losses[.on]!.nats - on) < 1e-4 * on)
    #expect(abs(losses[.off]!.nats - off) < 1e-4 * off)
    #expect(abs(on - off) > 0.01 * off)
  }

  /// The model, one token after another.
  private struct Plain {
    let trainer: Trainer
    let weights: FusionWeights
    let width: Int

    init(_ trainer: Trainer) throws {
      self.trainer = trainer
      weights = try trainer.fusion!.weights()
      width = trainer.options.width
    }

    func embedding(_ token: Int32) -> [Float] {
      (0..<width).map { trainer.parts.host.embedding.values[Int(token) * width + $0] }
    }

    func states(_ tokens: [Int32]) throws -> [[Float]] {
      let memory = trainer.parts.memory!
      let branches = trainer.options.branches
      let ids = try memory.hasher.rows(for: tokens)
      let rowWidth = memory.rows.dimension
      let rows = ids.flatMap { id in
        (0..<rowWidth).map { memory.rows.values[Int(id) * rowWidth + $0] }
      }
      let hidden = tokens.flatMap { token in (0..<branches).flatMap { _ in embedding(token) } }
      var state = ConvolutionState(for: weights)
      var output = hidden
      try output.withUnsafeMutableBufferPointer { output in
        try hidden.withUnsafeBufferPointer { hidden in
          try rows.withUnsafeBufferPointer { rows in
            try EngramFusion(weights, threads: 1).forward(
              tokens: tokens.count, hidden: hidden, rows: rows, mask: nil, state: &state,
              into: FusionOutputs(output: output))
          }
        }
      }
      return tokens.indices.map { token in
        (0..<width).map { place in
          (0..<branches).reduce(Float(0)) {
            $0 + output[(token * branches + $1) * width + place] / Float(branches)
          }
        }
      }
    }

    func loss(of token: Int32, state: [Float]) -> Double {
      let host = trainer.parts.host
      let logits = (0..<host.vocabulary).map { other in
        (0..<width).reduce(Double(host.bias.values[other])) {
          $0 + Double(state[$1]) * Double(host.output.values[other * width + $1])
        }
      }
      return log(logits.reduce(0) { $0 + exp($1) }) - logits[Int(token)]
    }
  }
}
