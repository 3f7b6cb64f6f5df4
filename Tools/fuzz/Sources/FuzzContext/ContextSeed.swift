import CKernels
import Files
import Foundation

@testable import ContextStore

/// The good context store that the fuzzer edits: three prompts of four blocks, one of them cleared, two
/// pinned, in a segment that has a list, and a prompt in one that has none.
enum ContextSeed {
  /// A file of the store's folder.
  struct File {
    var name: String
    var bytes: [UInt8]
  }

  static let capacity = 4 << 20
  static let segment = 1 << 16
  static let prompts = 4
  static let blocks = 4
  static let layout = ContextLayout(
    blockTokens: 8,
    groups: [
      ContextGroup(name: "latent", layers: 2, rowBytes: 24),
      ContextGroup(name: "window", layers: 1, rowBytes: 7, tokensPerRow: 4),
    ])
  static let namespace: ContextNamespace = must {
    try ContextNamespace(model: "fuzz", revision: "", tokenizer: "", salt: "", layout: layout)
  }

  static let files: [File] = must(make)

  private static func must<Made>(_ body: () throws -> Made) -> Made {
    do { return try body() } catch { fatalError("no context store: \(error)") }
  }

  static func tokens(_ prompt: Int) -> [Int32] {
    (0..<Int32(blocks * layout.blockTokens)).map { $0 &* 31 &+ Int32(prompt) &* 1009 }
  }

  /// What a block of a group holds, [layers, rows, row bytes].
  private static func content(_ prompt: Int, _ block: Int, _ group: Int) -> [UInt8] {
    (0..<layout.bytesPerBlock(layout.groups[group])).map {
      UInt8(truncatingIfNeeded: ($0 &* 37) ^ (prompt &* 11) ^ (block &* 5) ^ (group &* 3))
    }
  }

  /// All blocks of a prompt of a group, [layers, blocks * rows, row bytes].
  private static func part(_ prompt: Int, _ group: Int) -> [UInt8] {
    let layers = layout.groups[group].layers
    return (0..<layers).flatMap { layer in
      (0..<blocks).flatMap { block in
        let bytes = content(prompt, block, group)
        return bytes[(layer * bytes.count / layers)..<((layer + 1) * bytes.count / layers)]
      }
    }
  }

  @discardableResult
  static func put(_ space: ContextSpace, _ prompt: Int, durable: Bool) throws -> ContextPutResult {
    let made = layout.groups.indices.map { part(prompt, $0) }
    return try made[0].withUnsafeBytes { latent in
      try made[1].withUnsafeBytes { window in
        let parts = ["latent": latent, "window": window]
        return durable
          ? try space.putDurable(.tokens(tokens(prompt)), range: 0..<blocks, parts: parts)
          : try space.putRelaxed(.tokens(tokens(prompt)), range: 0..<blocks, parts: parts)
      }
    }
  }

  /// Reads a prompt, and compares; returns how many blocks are there of all groups.
  static func check(_ space: ContextSpace, _ prompt: Int) throws -> Int {
    let prefix = try space.lookup(.tokens(tokens(prompt)))
    precondition(prefix.blockCount <= blocks, "more blocks than the prompt has")
    var least = prefix.blockCount
    for (index, group) in layout.groups.enumerated() {
      let count = prefix.blockCount
      var bytes = [UInt8](repeating: 0, count: layout.bytesPerBlock(group) * count)
      let delivered = try bytes.withUnsafeMutableBytes {
        try prefix.get(group.name, layers: 0..<group.layers, blocks: 0..<count, into: $0)
      }
      precondition(delivered >= 0 && delivered <= count, "more blocks than were asked for")
      least = min(least, delivered)
      // A block's place does not depend on how many are there.
      let rows = layout.bytesPerBlock(group) / group.layers
      for layer in 0..<group.layers {
        for block in 0..<delivered {
          let whole = content(prompt, block, index)
          let start = (layer * count + block) * rows
          precondition(
            bytes[start..<(start + rows)] == whole[(layer * rows)..<((layer + 1) * rows)],
            "block \(block) of prompt \(prompt) is wrong")
        }
      }
    }
    return least
  }

  private static func make() throws -> [File] {
    let scratch = "/dev/shm/engram-fuzz-context-seed-\(getpid())"
    try? DurableFile.remove(scratch)
    defer { try? DurableFile.remove(scratch) }
    func open() throws -> (ContextStore, ContextSpace) {
      let store = try ContextStore(
        path: scratch, mode: .writing,
        options: .init(capacityBytes: capacity, segmentBytes: segment, log: { _ in }))
      return (store, try store.space(namespace))
    }
    var (store, space) = try open()
    for prompt in 0..<3 { try put(space, prompt, durable: true) }
    _ = try space.pin(.tokens(tokens(1)), seconds: 1e8)
    _ = try space.clear(.tokens(tokens(2)))
    store.close()
    (store, space) = try open()
    try put(space, 3, durable: true)
    // As a crash leaves it: the last segment has no list.
    let names = ["state.json", "pins", "recency", "FORMAT"]
    let segments = try DurableFile.names(in: scratch + "/segments").sorted()
    let files = try (names + segments.map { "segments/" + $0 }).filter {
      DurableFile.size(of: scratch + "/" + $0) != nil
    }.map { File(name: $0, bytes: try DurableFile.read(scratch + "/" + $0)) }
    store.close()
    return files
  }

  /// Makes sums match what the files hold now.
  static func match(_ files: inout [File], _ choices: UInt8) {
    for index in files.indices {
      let name = files[index].name
      if name.hasSuffix(".data") {
        if choices & 1 != 0 { files[index].bytes.close(over: 0..<60, at: 60) }
        if choices & 2 != 0 { matchFrames(&files[index].bytes) }
      } else if name.hasSuffix(".blocks") {
        if choices & 4 != 0 { matchList(&files[index].bytes) }
      } else if name == "state.json" {
        if choices & 16 != 0 { matchState(&files[index].bytes) }
      } else if name != "FORMAT", choices & 8 != 0 {
        let count = files[index].bytes.count
        if count >= 4 { files[index].bytes.close(over: 0..<(count - 4), at: count - 4) }
      }
    }
  }

  private static func matchFrames(_ bytes: inout [UInt8]) {
    guard let header = bytes.withUnsafeBytes({ SegmentHeader($0) }) else { return }
    for place in stride(from: SegmentHeader.bytes, to: bytes.count - 160, by: 64)
    where bytes[place..<place + 4].elementsEqual("EGCF".utf8) {
      let size = Int(bytes.number(place + 8))
      guard size > 8, place + size <= bytes.count else { continue }
      bytes.close(
        over: (place + 8)..<(place + size), at: place + 4,
        from: FrameHeader.salt(of: header, offset: place))
    }
  }

  private static func matchList(_ bytes: inout [UInt8]) {
    guard bytes.count >= 64 else { return }
    let count = Int(bytes.number(24))
    let end = 64 + count * BlockList.entryBytes
    if end <= bytes.count { bytes.close(over: 64..<end, at: 40) }
    bytes.close(over: 0..<60, at: 60)
  }

  private static func matchState(_ bytes: inout [UInt8]) {
    let line = Array(bytes.prefix { $0 != 10 })
    let sum = line.withUnsafeBytes { engram_crc32c(0, $0.baseAddress, $0.count) }
    bytes = line + [10] + Array(String(sum, radix: 16).utf8) + [10]
  }
}

extension [UInt8] {
  /// The sum of a part, put elsewhere.
  fileprivate mutating func close(over part: Range<Int>, at place: Int, from salt: UInt32 = 0) {
    guard part.upperBound <= count, place + 4 <= count else { return }
    let sum = withUnsafeBytes { engram_crc32c(salt, $0.baseAddress! + part.lowerBound, part.count) }
    Swift.withUnsafeBytes(of: sum.littleEndian) { replaceSubrange(place..<place + 4, with: $0) }
  }

  fileprivate func number(_ place: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(self[place + $1]) << UInt32(8 * $1) }
  }
}
