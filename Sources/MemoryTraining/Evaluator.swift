import Addressing
import CKernels
import Foundation
import Fusion
import MemoryTables
import SampleOrder
import Storage
import Synchronization

/// Predicts held-out tokens with the softmax over the whole vocabulary.
struct Evaluator: Sendable {
  /// Copies rows [count, dimension] as float32.
  typealias Rows =
    @Sendable (UnsafeBufferPointer<Int64>, UnsafeMutableBufferPointer<Float>) throws -> Void

  /// The memory, as evaluation sees it.
  struct Memory: Sendable {
    var hasher: NgramHasher
    var weights: FusionWeights
    var rowCount: Int
    /// Past tokens that a convolution reaches over.
    var reach: Int
    var rows: Rows
  }

  let host: HostModel
  let memory: Memory?
  /// Bytes that each token stands for.
  let tokenBytes: [Int32]
  let seed: UInt64

  /// Some neighbouring tokens of a document that are predicted from what stands before each.
  private typealias Piece = Stretches.Stretch

  /// Tokens of a piece.
  private static let pieceTokens = 512
  /// Logits that are computed at once: positions and tokens of the vocabulary.
  private static let block = (positions: 128, tokens: 2048)

  /// The loss on a part, or on `limit` tokens of it, from all over it.
  ///
  /// - Parameter step: called between pieces with tokens done and in all; what it throws ends it.
  func loss(
    on part: TokenCorpus.Part, mode: MemoryMode, limit: Int, threads: Int,
    step: @escaping @Sendable (Int, Int) throws -> Void = { _, _ in }
  ) throws -> HeldOutLoss {
    MatrixProduct.useThreads(1)
    let pieces = pieces(of: part, limit: limit)
    let total = pieces.reduce(0) { $0 + $1.count }
    guard mode != .off, memory != nil else {
      return try hostLoss(of: pieces, in: part, threads: threads, step: step)
    }
    let permutation =
      mode == .shuffled
      ? memory.map { SamplePermutation(count: $0.rowCount, seed: seed, epoch: 1) } : nil
    let done = Atomic(0)
    let losses = try Workers.map(pieces.count, threads: threads) { index, _ in
      try step(done.wrappingAdd(pieces[index].count, ordering: .relaxed).oldValue, total)
      return try loss(
        of: pieces[index], in: part, memory: memory, permutation)
    }
    return losses.reduce(HeldOutLoss(tokens: 0, bytes: 0, nats: 0), +)
  }

  /// Pieces from all over the part, in a keyed order.
  private func pieces(of part: TokenCorpus.Part, limit: Int) -> [Piece] {
    let stretches = Stretches(part, length: Self.pieceTokens)
    let order = SamplePermutation(count: stretches.count, seed: seed, epoch: 0)
    var pieces: [Piece] = []
    var left = limit
    for position in 0..<stretches.count where left > 0 {
      var piece = stretches[order[position]]
      piece.count = min(piece.count, left)
      left -= piece.count
      pieces.append(piece)
    }
    return pieces
  }

  private func loss(
    of piece: Piece, in part: TokenCorpus.Part, memory: Memory?, _ permutation: SamplePermutation?
  ) throws -> HeldOutLoss {
    let document = part.document(piece.document)
    // What a convolution looks back to is computed and thrown away.
    let before = min(piece.start, memory?.reach ?? 0)
    let first = piece.start - before
    let tokens = Array(document[first..<(piece.start + piece.count)])
    let width = host.width
    var states = states(of: tokens)
    if let memory {
      states = try fused(
        states, tokens, after: Array(document[max(0, first - 8)..<first]), memory, permutation)
    }
    let next = Array(document[(piece.start + 1)...(piece.start + piece.count)])
    let nats = states.withUnsafeBufferPointer {
      crossEntropy(of: next, states: $0.baseAddress! + before * width)
    }
    return HeldOutLoss(
      tokens: next.count, bytes: next.reduce(0) { $0 + Int(tokenBytes[Int($1)]) }, nats: nats)
  }

  /// States [tokens, D] with the memory added: the mean of the branches.
  private func fused(
    _ states: [Float], _ tokens: [Int32], after history: [Int32], _ memory: Memory,
    _ permutation: SamplePermutation?
  ) throws -> [Float] {
    let (branches, width) = (memory.weights.branches, host.width)
    var past = try memory.hasher.history(after: history)
    var ids = try memory.hasher.rows(for: tokens, history: &past)
    if let permutation { ids = ids.map { Int64(permutation[Int($0)]) } }
    let inputs = tokens.count * memory.weights.inputs
    let rows = try [Float](unsafeUninitializedCapacity: inputs) { buffer, count in
      let target = UnsafeMutableBufferPointer(rebasing: buffer[..<inputs])
      try ids.withUnsafeBufferPointer { try memory.rows($0, target) }
      count = inputs
    }
    var hidden = states
    if branches > 1 {
      hidden = (0..<tokens.count).flatMap { token in
        (0..<branches).flatMap { _ in states[(token * width)..<((token + 1) * width)] }
      }
    }
    let fusion = EngramFusion(memory.weights, threads: 1)
    var state = ConvolutionState(for: memory.weights)
    let output = try [Float](unsafeUninitializedCapacity: hidden.count) { buffer, count in
      let target = UnsafeMutableBufferPointer(rebasing: buffer[..<hidden.count])
      try hidden.withUnsafeBufferPointer { hidden in
        try rows.withUnsafeBufferPointer { rows in
          try fusion.forward(
            tokens: tokens.count, hidden: hidden, rows: rows, mask: nil, state: &state,
            into: FusionOutputs(output: target))
        }
      }
      count = hidden.count
    }
    guard branches > 1 else { return output }
    return (0..<(tokens.count * width)).map { index in
      let (token, place) = index.quotientAndRemainder(dividingBy: width)
      return (0..<branches).reduce(Float(0)) {
        $0 + output[(token * branches + $1) * width + place]
      } / Float(branches)
    }
  }

  /// The sum of -log p(next) over all positions, p being the softmax over the whole vocabulary.
  private func crossEntropy(of next: [Int32], states: UnsafePointer<Float>) -> Double {
    let partitions = logPartitions(of: states, count: next.count)
    return next.indices.reduce(0.0) {
      $0 + partitions[$1] - logit(of: next[$1], state: states + $1 * host.width)
    }
  }

  /// The logarithm of the sum of all tokens' exponentials, for each of `count` states [count, D].
  private func logPartitions(of states: UnsafePointer<Float>, count total: Int) -> [Double] {
    let width = host.width
    let logits = UnsafeMutablePointer<Float>.allocate(
      capacity: Self.block.positions * Self.block.tokens)
    defer { logits.deallocate() }
    var result: [Double] = []
    for first in stride(from: 0, to: total, by: Self.block.positions) {
      let count = min(Self.block.positions, total - first)
      var most = [Float](repeating: -.infinity, count: count)
      var sums = [Double](repeating: 0, count: count)
      for token in stride(from: 0, to: host.vocabulary, by: Self.block.tokens) {
        let columns = min(Self.block.tokens, host.vocabulary - token)
        MatrixProduct.product(
          states + first * width, transposed: false, host.output.values + token * width,
          transposed: true, rows: count, columns: columns, inner: width, into: logits)
        engram_train_add_exponentials(
          logits, host.bias.values + token, count, columns, &most, &sums)
      }
      for index in 0..<count { result.append(Double(most[index]) + log(sums[index])) }
    }
    return result
  }

  private func logit(of token: Int32, state: UnsafePointer<Float>) -> Double {
    let weights = host.output.values + Int(token) * host.width
    return (0..<host.width).reduce(Double(host.bias.values[Int(token)])) {
      $0 + Double(state[$1]) * Double(weights[$1])
    }
  }

  /// The host alone: its state is its token's, so every distinct token is asked once.
  private func hostLoss(
    of pieces: [Piece], in part: TokenCorpus.Part, threads: Int,
    step: @escaping @Sendable (Int, Int) throws -> Void
  ) throws -> HeldOutLoss {
    var pairs: [(token: Int32, next: Int32)] = []
    for piece in pieces {
      let document = part.document(piece.document)
      for place in piece.start..<(piece.start + piece.count) {
        pairs.append((document[place], document[place + 1]))
      }
    }
    let tokens = Set(pairs.map(\.token)).sorted()
    let blocks = (tokens.count + Self.block.positions - 1) / Self.block.positions
    let done = Atomic(0)
    let partitions = try Workers.map(blocks, threads: threads) { block, _ in
      try step(done.wrappingAdd(1, ordering: .relaxed).oldValue, blocks)
      let some = tokens[
        (block * Self.block.positions)..<min(tokens.count, (block + 1) * Self.block.positions)]
      return states(of: Array(some)).withUnsafeBufferPointer {
        logPartitions(of: $0.baseAddress!, count: some.count)
      }
    }.joined()
    let byToken = Dictionary(uniqueKeysWithValues: zip(tokens, partitions))
    var loss = HeldOutLoss(tokens: pairs.count, bytes: 0, nats: 0)
    for (token, next) in pairs {
      loss.bytes += Int(tokenBytes[Int(next)])
      loss.nats +=
        byToken[token]! - logit(of: next, state: host.embedding.values + Int(token) * host.width)
    }
    return loss
  }

  /// Hidden states [tokens, D].
  private func states(of tokens: [Int32]) -> [Float] {
    [Float](unsafeUninitializedCapacity: tokens.count * host.width) { buffer, count in
      engram_train_gather(
        host.embedding.values, host.embedding.accumulators, tokens.map(Int64.init), tokens.count,
        host.width, 0, 0, buffer.baseAddress!)
      count = tokens.count * host.width
    }
  }
}
