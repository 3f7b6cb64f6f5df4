import CBenchPeers
import ContextStore
import Files
import Foundation
import SeededRandom

/// Rows of chosen tokens in every layer of a long prompt: what sparse attention asks for.
extension ContextBench {
  private static let rowBytes = 656
  private static let name = "latent"

  /// A prompt, and where its state lies: in a store, and in a flat file, [layers, tokens, 656].
  private struct LongPrompt {
    let tokens: [Int32]
    let layers: Int
    let rows: Int
    let namespace: ContextNamespace

    var bytes: Int { tokens.count * layers * rowBytes }

    /// Random row numbers of one read of one layer.
    func choice(_ seed: Int) -> [Int64] {
      var generator = SeededGenerator(seed: UInt64(seed))
      return (0..<rows).map { _ in Int64.random(in: 0..<Int64(tokens.count), using: &generator) }
    }
  }

  func rows(tokens: Int, layers: Int, rows: Int) throws {
    try inFolder {
      let prompt = LongPrompt(
        tokens: Self.prompt(tokens: tokens, seed: 5), layers: layers, rows: rows,
        namespace: try ContextNamespace(
          model: "bench", layout: .latent(layers: layers, codec: .fp8)))
      try make(prompt)
      try warm(prompt)
      try cold(prompt)
    }
  }

  private func make(_ prompt: LongPrompt) throws {
    let bar = ProgressBar("making \(ByteCount.text(prompt.bytes))")
    defer { bar.clear() }
    let source = SyntheticRows(rowBytes: Self.rowBytes)
    let store = try open("store", bytes: prompt.bytes)
    let space = try store.space(prompt.namespace)
    let count = prompt.tokens.count
    let blocks = count / 64
    let flat = folder + "/flat"
    let descriptor = Foundation.open(flat, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError("create", flat) }
    defer { close(descriptor) }
    let piece = min(128, blocks)
    let layerBytes = piece * 64 * Self.rowBytes
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: layerBytes * prompt.layers, alignment: 64)
    defer { buffer.deallocate() }
    for start in stride(from: 0, to: blocks, by: piece) {
      let range = start..<min(blocks, start + piece)
      let bytes = range.count * 64 * Self.rowBytes
      for layer in 0..<prompt.layers {
        let first = layer * count + range.lowerBound * 64
        let slot = buffer.baseAddress! + layer * bytes
        try source.copyRows(
          first..<(first + range.count * 64), into: slot, stride: Self.rowBytes)
        guard pwrite(descriptor, slot, bytes, first * Self.rowBytes) == bytes else {
          throw FileError("write", flat)
        }
      }
      let part = UnsafeRawBufferPointer(rebasing: buffer[..<(bytes * prompt.layers)])
      let result = try space.putRelaxed(
        .tokens(prompt.tokens), range: range, parts: [Self.name: part])
      try Self.require(result.refused == 0, "store a block: is the disk full?")
      try bar.update(range.upperBound * prompt.bytes / blocks, prompt.bytes)
    }
    try store.flush()
    store.close()
  }

  private func warm(_ prompt: LongPrompt) throws {
    let store = try open("store", bytes: prompt.bytes)
    let found = try store.space(prompt.namespace).lookup(.tokens(prompt.tokens))
    try Self.require(found.tokenCount == prompt.tokens.count / 64 * 64, "find the prompt")
    let flat = try MappedFile(path: folder + "/flat", access: .random)
    let base = flat.bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    let layerBytes = prompt.tokens.count * Self.rowBytes
    // Both are read through once, so that nothing is left to wait for.
    for path in try DurableFile.names(in: folder + "/store/segments") {
      try Self.warm(folder + "/store/segments/" + path)
    }
    try Self.warm(folder + "/flat")
    let out = UnsafeMutableRawBufferPointer.allocate(
      byteCount: prompt.rows * Self.rowBytes, alignment: 64)
    let same = UnsafeMutableRawBufferPointer.allocate(byteCount: out.count, alignment: 64)
    defer {
      out.deallocate()
      same.deallocate()
    }
    // A pass is larger than the processor's caches.
    let reads = max(1, 1_000_000 / prompt.rows / prompt.layers)
    let choices = (0..<(reads * prompt.layers)).map { prompt.choice($0) }
    func pass(
      _ name: String, _ body: @escaping (Int, UnsafeBufferPointer<Int64>) throws -> Void
    ) -> Measure.Candidate {
      .init(name: name) {
        for (index, choice) in choices.enumerated() {
          try choice.withUnsafeBufferPointer { try body(index % prompt.layers, $0) }
        }
      }
    }
    let target = out.baseAddress!.assumingMemoryBound(to: UInt8.self)
    let other = same.baseAddress!.assumingMemoryBound(to: UInt8.self)
    let candidates = [
      pass("flat mmap + memcpy") { layer, rows in
        engram_peer_flat_gather(
          base + layer * layerBytes, rows.baseAddress!, rows.count, Self.rowBytes, other)
      },
      pass("flat mmap + memcpy, software prefetch") { layer, rows in
        engram_peer_flat_gather_prefetch(
          base + layer * layerBytes, rows.baseAddress!, rows.count, Self.rowBytes, other)
      },
      pass("gather, every row checked") { layer, rows in
        try found.gather(Self.name, layer: layer, rows: rows, into: out)
      },
    ]
    let medians = try Measure.medians(candidates, rounds: rounds)
    try Self.require(
      memcmp(target, other, out.count) == 0, "give the rows back that are in the flat file")
    let rows = Double(choices.count * prompt.rows)
    for (candidate, seconds) in zip(candidates, medians) {
      let isPeer = candidate.name.hasPrefix("flat")
      print(
        "warm rows: " + candidate.name, seconds / rows * 1e9, "ns/row",
        against: isPeer ? nil : candidates[0].name, ratio: isPeer ? nil : seconds / medians[0])
    }
    withExtendedLifetime(flat) {}
    store.close()
  }

  private static func warm(_ path: String) throws {
    let file = try MappedFile(path: path, access: .sequential)
    var sum = 0
    for place in stride(from: 0, to: file.count, by: 4096) { sum &+= Int(file.bytes[place]) }
    precondition(sum >= 0)
  }

  private func cold(_ prompt: LongPrompt) throws {
    let segments = folder + "/store/segments"
    let out = UnsafeMutableRawBufferPointer.allocate(
      byteCount: prompt.rows * Self.rowBytes, alignment: 64)
    defer { out.deallocate() }
    var ours: [Double] = []
    var peers: [Double] = []
    var ratios: [Double] = []
    // Long enough to even out a device that others use too, and few enough that hardly a page is met
    // again.
    let passes = max(1, prompt.tokens.count / prompt.rows / 128)
    let reads = passes * prompt.layers
    for round in 0..<rounds {
      try Interruption.check()
      try dropFromCache("store")
      do {
        let store = try open("store", bytes: prompt.bytes)
        let found = try store.space(prompt.namespace).lookup(.tokens(prompt.tokens))
        let seconds = try Measure.seconds {
          for read in 0..<reads {
            try prompt.choice(1000 + round * reads + read).withUnsafeBufferPointer {
              try found.gather(Self.name, layer: read % prompt.layers, rows: $0, into: out)
            }
          }
        }
        ours.append(Double(prompt.rows * reads) / seconds)
        store.close()
      }
      let files = try DurableFile.names(in: segments).filter { $0.hasSuffix(".data") }
        .map { segments + "/" + $0 }
      if let rate = try MemoryBench.fio(files, reads: prompt.rows * reads, seed: round) {
        peers.append(rate)
        ratios.append(ours[round] / rate)
      }
    }
    let rate = Measure.median(ours)
    if peers.isEmpty {
      StandardStreams.note("fio is not installed: cold rows were not compared with it")
    } else {
      print("cold rows: fio, 4 KiB random reads, depth 64", Measure.median(peers), "reads/s")
    }
    print(
      "cold rows: gather of \(prompt.rows) a layer, every row checked", rate, "rows/s",
      against: peers.isEmpty ? nil : "fio at depth 64",
      ratio: ratios.isEmpty ? nil : Measure.median(ratios))
  }
}
