import Foundation
import SeededRandom
import Testing
import TokenStreams

@testable import KneserNey

@Suite struct HeldOutLossTests {
  @Test func everyTokenButTheFirstOfADocumentIsPredicted() throws {
    let model = Recorder()
    let loss = withBuffers([[5, 6, 7, 8], [9], [], [1, 2]]) { model.loss(over: $0) }
    #expect(loss.tokens == 4)
    // 6 after 5; 7 after 5 6; 8 after 6 7; 2 after 1.
    #expect(loss.nats == 650_000 + 760_500 + 870_600 + 210_000)
    #expect(loss.natsPerToken == loss.nats / 4)
  }

  @Test func noTokenHasNoLoss() {
    #expect(HeldOutLoss().natsPerToken == 0)
  }

  /// Text that comes in phrases: each longer context says more.
  @Test func longerContextsPredictPhrasesBetter() throws {
    var random = SeededGenerator(seed: 21)
    let documents = madeDocuments(600, vocabulary: 300, longest: 60, using: &random)
    try withBuffers(documents) { documents in
      let (training, heldOut) = (documents[..<500], documents[500...])
      let unigram = try UnigramModel(documents: training, vocabulary: 300).loss(over: heldOut)
      let trigram = try KneserNeyTrigram(documents: training, vocabulary: 300).loss(over: heldOut)
      #expect(unigram.tokens == trigram.tokens)
      #expect(trigram.natsPerToken < 0.85 * unigram.natsPerToken)
      #expect(unigram.natsPerToken < log(300))
    }
  }

  /// Writes a question's tokens into its answer's digits.
  private struct Recorder: NextTokenModel {
    func logProbability(
      of token: Int32, after previous: Int32, _ beforePrevious: Int32?
    ) -> Double {
      -(Double(token) * 1e5 + Double(previous) * 1e4 + Double(beforePrevious ?? 0) * 100)
    }
  }
}
