import Fusion
import MemoryTables
import TokenStreams
import Tokenization

extension Trainer {
  /// The loss on the held-out part at this moment.
  public func evaluate(
    _ modes: [MemoryMode], limit: Int, table: Table? = nil
  ) throws -> [MemoryMode: HeldOutLoss] {
    let evaluator = Evaluator(
      host: parts.host, memory: try evaluationMemory(table), tokenBytes: tokenBytes,
      seed: options.seed)
    var losses: [MemoryMode: HeldOutLoss] = [:]
    for mode in modes {
      losses[mode] = try evaluator.loss(
        on: corpus.heldOut, mode: mode, limit: limit, threads: options.threads)
    }
    return losses
  }

  private func evaluationMemory(_ table: Table?) throws -> Evaluator.Memory? {
    guard let memory = parts.memory, let fusion else { return nil }
    let rows = memory.rows
    let gather: Evaluator.Rows =
      if let table {
        { try table.gather($0, decodedInto: $1) }
      } else {
        { rows.copy($0, to: $1.baseAddress!) }
      }
    return Evaluator.Memory(
      hasher: memory.hasher, weights: try fusion.weights(), rowCount: rows.count,
      reach: memory.shape.reach, rows: gather)
  }

  var fusion: FusionParameters? {
    guard let memory = parts.memory else { return nil }
    var parameters = FusionParameters(shape: memory.shape, seed: 0)
    parameters.values = memory.dense.snapshot.values
    return parameters
  }

  /// The host and the fusion as they are now.
  public var model: TrainedModel {
    TrainedModel(
      options: options, tokenizer: tokenizer.identity.description, fusion: fusion,
      host: parts.host)
  }
}
