import Addressing
import ArgumentParser
import CBenchPeers

/// Tokens a second that addressing reaches on one core.
struct BenchAddressCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "address",
    abstract: "Addressing: tokens a second, DeepSeek-V4.1's 48 columns.",
    discussion: """
      Random token ids through the published scheme: two tables, 24 columns each, in one call of \
      --batch tokens. One thread; medians of --rounds rounds in which every entrant takes a turn. \
      The peer is the same rule as a plain C loop with the % operator. NumPy's figure: \
      Tools/peers/address_peers.py.

        engram bench address
        engram bench address --batch 65536 --format json
      """)

  @Option(help: ArgumentHelp("Tokens a call.", valueName: "tokens"))
  var batch = 4096

  @Option(help: ArgumentHelp("Rounds; odd.", valueName: "count"))
  var rounds = 9

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1 << 20).contains(batch) else { throw ValidationError("--batch: 1 to 1048576") }
    guard (1...999).contains(rounds) else { throw ValidationError("--rounds: 1 to 999") }
  }

  func run() throws {
    let layers = try Addressing.layers(of: .deepseekV41).map { try $0.withoutIdentity() }
    let map = try Self.syntheticMap()
    var random = SystemRandomNumberGenerator()
    let tokens = (0..<batch).map { _ in
      Int32.random(in: 0..<Int32(map.vocabularySize), using: &random)
    }
    // Whole cache lines a store, as in a buffer that a caller allocates for the purpose.
    let rows = UnsafeMutableBufferPointer(
      start: UnsafeMutableRawPointer.allocate(byteCount: batch * 48 * 8, alignment: 64)
        .bindMemory(to: Int64.self, capacity: batch * 48), count: batch * 48)
    rows.initialize(repeating: 0)
    defer { rows.baseAddress.map { UnsafeMutableRawPointer($0).deallocate() } }
    let fastest = try NgramHasher(layers, tokenMap: map)
    let scalar = try NgramHasher(layers, tokenMap: map, path: .scalar)
    let peer = AddressPeer(layers: layers, map: map)

    guard peer.rows(for: tokens) == (try fastest.rows(for: tokens)) else {
      throw CommandError("the peer's rows differ", hint: "report this: one of the two is wrong")
    }
    let entrants: [(String, () throws -> Void)] = [
      ("plain C loop", { peer.rows(for: tokens, into: rows) }),
      ("48 columns", { try Self.hash(fastest, tokens, rows) }),
      ("48 columns, without AVX-512", { try Self.hash(scalar, tokens, rows) }),
      ("48 columns, a token a call", { try Self.hashOneByOne(fastest, tokens, rows) }),
    ]
    let rates = try Self.rates(of: entrants.map(\.1), tokens: batch, rounds: rounds)
    let report = BenchReport(format: output.format)
    for (entrant, rate) in zip(entrants, rates) {
      let isPeer = entrant.0 == entrants[0].0
      report.print(
        BenchLine(
          bench: "address", what: "deepseek-v4.1, \(entrant.0)", value: rate,
          unit: "tokens/s", against: isPeer ? nil : "plain C loop, % operator",
          ratio: isPeer ? nil : rate / rates[0]))
    }
  }

  private static func hash(
    _ hasher: NgramHasher, _ tokens: [Int32], _ rows: UnsafeMutableBufferPointer<Int64>
  ) throws {
    var history = hasher.start()
    try tokens.withUnsafeBufferPointer { tokens in
      try hasher.unsafeRows(for: tokens, history: &history, into: rows)
    }
  }

  private static func hashOneByOne(
    _ hasher: NgramHasher, _ tokens: [Int32], _ rows: UnsafeMutableBufferPointer<Int64>
  ) throws {
    var history = hasher.start()
    try tokens.withUnsafeBufferPointer { tokens in
      for index in tokens.indices {
        try hasher.unsafeRows(
          for: UnsafeBufferPointer(rebasing: tokens[index...index]), history: &history,
          into: UnsafeMutableBufferPointer(rebasing: rows[index * 48..<(index + 1) * 48]))
      }
    }
  }

  /// Median tokens a second of each entrant.
  private static func rates(
    of entrants: [() throws -> Void], tokens: Int, rounds: Int
  ) throws -> [Double] {
    let clock = ContinuousClock()
    var samples = entrants.map { _ in [Double]() }
    for _ in 0..<rounds {
      for (index, entrant) in entrants.enumerated() {
        var calls = 0
        let start = clock.now
        var elapsed = Duration.zero
        while elapsed < .milliseconds(60) {
          try entrant()
          calls += 1
          elapsed = clock.now - start
        }
        samples[index].append(Double(calls * tokens) / (elapsed / .seconds(1)))
      }
    }
    return samples.map { $0.sorted()[$0.count / 2] }
  }

  /// A map of the published sizes: which ids share one does not matter to speed.
  private static func syntheticMap() throws -> TokenMap {
    try TokenMap((0..<129_280).map { $0 < 99_092 ? $0 : $0 * 7919 % 99_092 })
  }
}

/// The plain loop's tables.
private struct AddressPeer {
  let layers: [Addressing]
  let map: [UInt32]
  let pad: UInt32
  let parameters: [(multipliers: [UInt64], sizes: [UInt64])]

  init(layers: [Addressing], map: TokenMap) {
    self.layers = layers
    self.map = map.withUnsafeCompressedIDs { $0.map { UInt32($0) } }
    pad = self.map[Int(layers[0].boundary.tokenID)]
    parameters = layers.map { ($0.multipliers, Array($0.bucketSizes.joined())) }
  }

  func rows(for tokens: [Int32]) -> [Int64] {
    var rows = [Int64](repeating: 0, count: tokens.count * 48)
    rows.withUnsafeMutableBufferPointer { self.rows(for: tokens, into: $0) }
    return rows
  }

  func rows(for tokens: [Int32], into rows: UnsafeMutableBufferPointer<Int64>) {
    guard var next = rows.baseAddress else { return }
    for (layer, parameter) in zip(layers, parameters) {
      engram_peer_address(
        tokens, tokens.count, map, pad, parameter.multipliers, Int32(layer.maxOrder),
        parameter.sizes, Int32(layer.heads), next)
      next += tokens.count * layer.columns
    }
  }
}

extension Addressing {
  /// The same rule for a map of the same sizes, whatever its identity.
  fileprivate func withoutIdentity() throws -> Addressing {
    guard case .mapped(let size, let compressed, _) = tokens else { return self }
    return try Addressing(
      preset: preset, layer: layer, bucketSizes: bucketSizes, multipliers: multipliers,
      tokens: .mapped(
        vocabularySize: size, compressedVocabularySize: compressed, tokenMap: nil),
      boundary: boundary, rowAlignment: rowAlignment)
  }
}
