import ContextStore
import Files
import Foundation

/// Puts and gets of blocks of 2 MiB.
extension ContextBench {
  private static let blockBytes = 2 << 20

  /// A prompt of blocks, its keys, and the bytes of one batch of them: batches have the same bytes, so
  /// that the time is the store's alone.
  private final class Case {
    let count: Int
    let batch: Int
    let namespace: ContextNamespace
    let keys: ContextBlocks
    let buffer: UnsafeMutableRawBufferPointer
    let out: UnsafeMutableRawBufferPointer

    init(bytes: Int, batch: Int) throws {
      count = max(1, bytes / blockBytes / batch) * batch
      self.batch = batch
      namespace = try ContextNamespace(
        model: "bench",
        layout: ContextLayout(groups: [ContextGroup(name: "kv", layers: 32, rowBytes: 1024)]))
      keys = .keys(
        (0..<count).flatMap { block in
          withUnsafeBytes(of: UInt64(block)) { Array($0) } + [UInt8](repeating: 7, count: 24)
        })
      buffer = .allocate(byteCount: batch * blockBytes, alignment: 4096)
      out = .allocate(byteCount: batch * blockBytes, alignment: 4096)
      ContextBench.fill(buffer, seed: 3)
      memset(out.baseAddress!, 1, out.count)
    }

    deinit {
      buffer.deallocate()
      out.deallocate()
    }

    var bytes: Int { count * blockBytes }
    var batches: [Range<Int>] {
      stride(from: 0, to: count, by: batch).map { $0..<($0 + batch) }
    }
  }

  func blocks(bytes: Int, batch: Int) throws {
    try inFolder {
      let work = try Case(bytes: bytes, batch: batch)
      try puts(work)
      try warmGets(work)
      try coldGets(work)
    }
  }

  // MARK: - Puts

  private func puts(_ work: Case) throws {
    let names = [
      "plain writes, each flushed", "put durable", "plain writes, not flushed", "put relaxed",
    ]
    var times = [[Double]](repeating: [], count: names.count)
    let bar = ProgressBar("putting")
    defer { bar.clear() }
    for round in 0..<rounds {
      for index in names.indices {
        try bar.update(round * names.count + index, rounds * names.count)
        let isDurable = index < 2
        let seconds =
          index % 2 == 0
          ? try plainWrites(work, isDurable: isDurable) : try put(work, isDurable: isDurable)
        times[index].append(seconds)
        // What is left to write must not fall to the next one.
        sync()
      }
    }
    bar.clear()
    let rates = times.map { Double(work.bytes) / Measure.median($0) / 1e9 }
    for index in names.indices {
      let isPeer = index % 2 == 0
      print(
        "\(names[index]), \(work.batch) blocks of 2 MiB a call", rates[index], "GB/s",
        against: isPeer ? nil : names[index - 1],
        ratio: isPeer ? nil : rates[index] / rates[index - 1])
    }
  }

  private func put(_ work: Case, isDurable: Bool) throws -> Double {
    try DurableFile.remove(folder + "/store")
    let store = try open("store", bytes: work.bytes)
    let space = try store.space(work.namespace)
    let parts = ["kv": UnsafeRawBufferPointer(work.buffer)]
    var stored = 0
    let seconds = try Measure.seconds {
      for batch in work.batches {
        let result =
          isDurable
          ? try space.putDurable(work.keys, range: batch, parts: parts)
          : try space.putRelaxed(work.keys, range: batch, parts: parts)
        stored += result.stored
      }
    }
    try Self.require(stored == work.count, "store \(work.count - stored) blocks: is the disk full?")
    store.close()
    return seconds
  }

  private func plainWrites(_ work: Case, isDurable: Bool) throws -> Double {
    let path = folder + "/flat"
    try DurableFile.remove(path)
    let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError("create", path) }
    defer { close(descriptor) }
    return try Measure.seconds {
      for _ in work.batches {
        var done = 0
        while done < work.buffer.count {
          let count = write(descriptor, work.buffer.baseAddress! + done, work.buffer.count - done)
          guard count > 0 else { throw FileError("write", path) }
          done += count
        }
        if isDurable, fdatasync(descriptor) != 0 { throw FileError("flush", path) }
      }
    }
  }

  // MARK: - Gets

  private func get(_ prefix: ContextPrefix, _ work: Case, ahead: Int = 0) throws {
    let batches = Array(work.batches)
    for (index, batch) in batches.enumerated() {
      // What an engine knows after the lookup: which blocks come next.
      if index == 0 {
        for next in batches.prefix(ahead) {
          try prefix.prefetch("kv", layers: 0..<32, blocks: next)
        }
      }
      if ahead > 0, index + ahead < batches.count {
        try prefix.prefetch("kv", layers: 0..<32, blocks: batches[index + ahead])
      }
      let delivered = try prefix.get("kv", layers: 0..<32, blocks: batch, into: work.out)
      try Self.require(delivered == work.batch, "give a block back")
    }
  }

  private func warmGets(_ work: Case) throws {
    let store = try open("store", bytes: work.bytes)
    let prefix = try store.space(work.namespace).lookup(work.keys)
    try Self.require(prefix.blockCount == work.count, "find all blocks")
    let flat = try MappedFile(path: folder + "/flat", access: .sequential)
    let medians = try Measure.medians(
      [
        .init(name: "plain copy of a mapped file") {
          for batch in work.batches {
            let at = batch.lowerBound * Self.blockBytes
            memcpy(work.out.baseAddress!, flat.bytes.baseAddress! + at, work.out.count)
          }
        },
        .init(name: "get") { try get(prefix, work) },
      ], rounds: rounds)
    try Self.require(
      memcmp(work.out.baseAddress!, work.buffer.baseAddress!, work.out.count) == 0,
      "give the bytes back that were put")
    let rates = medians.map { Double(work.bytes) / $0 / 1e9 }
    print("warm: plain copy of a mapped file", rates[0], "GB/s")
    print(
      "warm: get, every row checked", rates[1], "GB/s", against: "plain copy",
      ratio: rates[1] / rates[0])
    withExtendedLifetime(flat) {}
    store.close()
  }

  private func coldGets(_ work: Case) throws {
    var plain: [Double] = []
    var ours: [Double] = []
    for _ in 0..<min(rounds, 5) {
      try Interruption.check()
      Measure.dropFromCache(folder + "/flat")
      plain.append(try Measure.seconds { try plainReads(work) })
      try dropFromCache("store")
      let store = try open("store", bytes: work.bytes)
      ours.append(
        try Measure.seconds {
          try get(store.space(work.namespace).lookup(work.keys), work, ahead: 2)
        })
      store.close()
    }
    let rates = [plain, ours].map { Double(work.bytes) / Measure.median($0) / 1e9 }
    print("cold: plain reads of a file", rates[0], "GB/s")
    print(
      "cold: lookup, prefetch and get, every row checked", rates[1], "GB/s", against: "plain reads",
      ratio: rates[1] / rates[0])
  }

  private func plainReads(_ work: Case) throws {
    let path = folder + "/flat"
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError("open", path) }
    defer { close(descriptor) }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    var total = 0
    while true {
      let count = read(descriptor, work.out.baseAddress!, work.out.count)
      guard count >= 0 else { throw FileError("read", path) }
      if count == 0 { break }
      total += count
    }
    try Self.require(total == work.bytes, "leave the plain file alone")
  }
}
