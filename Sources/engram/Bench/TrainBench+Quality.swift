import Files
import KneserNey
import MemoryTables
import MemoryTraining
import Storage
import TokenStreams

extension TrainBench {
  /// Held-out loss, in nats a token, of counts, of a host alone, and of a host with a memory: all
  /// learn from the same tokens and predict the same ones, every held-out token but the first of
  /// each document.
  func measureQuality() throws {
    let name = stream.dataset.version.manifest.name
    let unit = "nats/token"
    let trainer = try trainer("memory", options)
    let corpus = trainer.corpus
    show("\(name), tokens learned from", Double(corpus.training.tokens), "tokens")
    show("\(name), tokens predicted", Double(corpus.heldOut.predictions), "tokens")

    let (unigram, trigram) = try countedLosses(corpus)
    show("\(name), unigram", unigram.natsPerToken, unit)
    show("\(name), Kneser-Ney trigram", trigram.natsPerToken, unit)

    let host = try hostLoss()
    show("\(name), host trained alone", host.natsPerToken, unit)

    let report = try run(trainer, "training with a memory")
    show("\(name), training with a memory", Double(report.tokens) / report.seconds, "tokens/s")
    let losses = try trainer.evaluate(MemoryMode.allCases, limit: .max)
    guard let on = losses[.on], let off = losses[.off], let shuffled = losses[.shuffled],
      on.tokens == trigram.tokens, host.tokens == trigram.tokens
    else { throw CommandError("models did not predict the same tokens", hint: "report this") }
    show("\(name), memory off", off.natsPerToken, unit)
    show("\(name), memory on", on.natsPerToken, unit, against: "memory off", off.natsPerToken)
    show(
      "\(name), memory shuffled", shuffled.natsPerToken, unit, against: "memory off",
      off.natsPerToken)
    let codec = RowCodec.fp8E4M3ScaledBy32
    let published = try publishedLoss(of: trainer, codec)
    show(
      "\(name), memory on, published as \(codec.rawValue)", published.natsPerToken, unit,
      against: "memory on", on.natsPerToken)
    show(
      "\(name), memory on beside counts", on.natsPerToken, unit, against: "Kneser-Ney trigram",
      trigram.natsPerToken)
    show(
      "\(name), memory on beside the host", on.natsPerToken, unit, against: "host trained alone",
      host.natsPerToken)
    try measureGather(of: trainer)
    try trainer.removeFiles()
  }

  /// The losses of what counting alone makes of the corpus.
  private func countedLosses(
    _ corpus: TokenCorpus
  ) throws -> (unigram: HeldOutLoss, trigram: HeldOutLoss) {
    let vocabulary = stream.tokenizer.vocabularySize
    var losses: (unigram: HeldOutLoss, trigram: HeldOutLoss) = (
      .init(), .init()
    )
    let documents = corpus.training.all
    let unigram = try UnigramModel(documents: documents, vocabulary: vocabulary)
    losses.unigram = unigram.loss(over: corpus.heldOut.all)
    try Interruption.check()
    var trigram: KneserNeyTrigram?
    let seconds = try Measure.seconds {
      trigram = try KneserNeyTrigram(documents: documents, vocabulary: vocabulary)
    }
    try Interruption.check()
    guard let trigram else { return losses }
    losses.trigram = trigram.loss(over: corpus.heldOut.all)
    show(
      "\(stream.dataset.version.manifest.name), counting for the trigram",
      Double(corpus.training.tokens) / seconds, "tokens/s")
    return losses
  }

  /// The loss of a host that was trained without a memory.
  private func hostLoss() throws -> HeldOutLoss {
    var options = options
    options.hasMemory = false
    let trainer = try trainer("host", options)
    _ = try run(trainer, "training the host alone")
    let losses = try trainer.evaluate([.on], limit: .max)
    try trainer.removeFiles()
    return losses[.on] ?? .init(tokens: 0, bytes: 0, nats: .nan)
  }

  /// The loss with the rows that a published table has.
  private func publishedLoss(
    of trainer: Trainer, _ codec: RowCodec
  ) throws -> HeldOutLoss {
    let path = folder + "/store"
    try DurableFile.remove(path)
    let store = try Store(path: path, mode: .writing)
    let published = try trainer.publish(as: "bench", codec: codec, in: store)
    let table = try Table(TableReference(name: "bench", version: published.version), in: store)
    let losses = try trainer.evaluate([.on], limit: .max, table: table)
    try DurableFile.remove(path)
    return losses[.on] ?? .init(tokens: 0, bytes: 0, nats: .nan)
  }
}

extension TokenCorpus.Part {
  /// The documents, one after another.
  fileprivate var all: some Sequence<UnsafeBufferPointer<Int32>> {
    (0..<documents).lazy.map { document($0) }
  }
}
