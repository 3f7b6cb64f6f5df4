import ChunkStore
import Digests
import Dispatch
import Files
import SeededRandom
import Synchronization
import TestCheckpoints
import Testing

@Suite struct LocalChunksTests {
  private let scratch: ScratchFolder
  private let chunks: LocalChunks

  init() throws {
    scratch = try ScratchFolder()
    try DurableFile.createFolder(scratch("tmp"))
    chunks = LocalChunks(folder: scratch("chunks"), temporary: scratch("tmp"))
  }

  private func put(_ bytes: [UInt8]) throws -> (name: SHA256Digest, isNew: Bool) {
    try bytes.withUnsafeBytes {
      let name = SHA256Digest(of: $0)
      return (name, try chunks.putIfAbsent(name, $0))
    }
  }

  private func content(_ name: SHA256Digest) throws -> [UInt8] {
    try DurableFile.read(chunks.place(of: name))
  }

  @Test func anObjectIsStoredOnce() throws {
    var random = SeededGenerator(seed: 1)
    for count in [0, 1, 70_000] {
      let bytes = random.bytes(count)
      let (name, isNew) = try put(bytes)
      #expect(isNew)
      #expect(try content(name) == bytes)
      #expect(chunks.place(of: name) == scratch("chunks/\("\(name)".prefix(2))/\(name)"))
      #expect(try put(bytes) == (name, false))
      #expect(try chunks.get(name, range: 0..<count) == bytes)
      #expect(try chunks.map(name)?.count == count)
    }
    try chunks.synchronize()
    try chunks.synchronize()
    #expect(try chunks.list().count == 3)
    #expect(try DurableFile.names(in: scratch("tmp")).isEmpty)
  }

  @Test func aDamagedObjectIsReplacedAndItsReadersKeepWhatTheyHave() throws {
    var random = SeededGenerator(seed: 2)
    let bytes = random.bytes(5000)
    let (name, _) = try put(bytes)
    var flipped = bytes
    flipped[4321] ^= 4
    for damaged in [flipped, Array(bytes.dropLast()), bytes + [0], []] {
      try damaged.withUnsafeBytes { try DurableFile.write($0, to: chunks.place(of: name)) }
      let open = try chunks.map(name)!
      #expect(try put(bytes) == (name, false))
      #expect(try content(name) == bytes)
      #expect(Array(open.bytes) == damaged)
    }
  }

  @Test func putsOfOneNameAtOnceLeaveOneObject() throws {
    var random = SeededGenerator(seed: 3)
    let objects = (0..<6).map { _ in random.bytes(30_000) }
    let failures = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 48) { number in
      do { _ = try put(objects[number % objects.count]) } catch { failures.withLock { $0 += 1 } }
    }
    #expect(failures.withLock { $0 } == 0)
    #expect(try chunks.list().count == 6)
    for object in objects {
      #expect(try content(object.withUnsafeBytes { SHA256Digest(of: $0) }) == object)
    }
    #expect(try DurableFile.names(in: scratch("tmp")).isEmpty)
  }

  @Test func foreignFilesAreNotListed() throws {
    #expect(try chunks.list().isEmpty)
    let (name, _) = try put([1, 2, 3])
    let text = name.description
    let part = scratch("chunks/" + text.prefix(2))
    try DurableFile.write("x", to: scratch("chunks/README"))
    try DurableFile.write("x", to: part + "/notes.txt")
    try DurableFile.write("x", to: part + "/" + text + ".part")
    try DurableFile.createFolder(part + "/" + String(repeating: "ab", count: 32))
    // The right name in the wrong folder, and one that is not spelled as we do.
    for folder in ["zz", "0", "lost+found"] {
      try DurableFile.createFolder(scratch("chunks/" + folder))
      try DurableFile.write("x", to: scratch("chunks/" + folder + "/" + text))
    }
    let upper = text.uppercased()
    if upper.prefix(2) == text.prefix(2) { try DurableFile.write("x", to: part + "/" + upper) }
    let listed = try chunks.list()
    #expect(listed.map(\.name) == [name] && listed.map(\.bytes) == [3])
    try chunks.delete(name)
    #expect(try chunks.list().isEmpty)
    #expect(DurableFile.size(of: part + "/notes.txt") == 1)
  }

  @Test func whatIsMissingIsNamed() throws {
    let name = SHA256Digest(of: "nothing")
    let place = chunks.place(of: name)
    #expect(throws: ChunkError.missing(place: place)) { try chunks.map(name) }
    #expect(throws: ChunkError.missing(place: place)) { try chunks.get(name, range: 0..<1) }
    try chunks.delete(name)
    #expect("\(ChunkError.missing(place: place))".contains(place))
  }

  @Test func aRangeBehindTheEndIsRefusedBeforeMemoryIsTaken() throws {
    let (name, _) = try put([1, 2, 3, 4, 5])
    #expect(try chunks.get(name, range: 1..<4) == [2, 3, 4])
    #expect(try chunks.get(name, range: 5..<5).isEmpty)
    for range in [0..<6, 4..<7, 9..<10, 0..<Int.max, 3..<1 << 46] {
      #expect {
        try chunks.get(name, range: range)
      } throws: {
        guard case .corruptChunk(let place, let reason)? = $0 as? ChunkError else { return false }
        return place == chunks.place(of: name) && reason.contains("byte 5")
      }
    }
  }

  @Test(.enabled(if: SmallDisk.isAvailable, "needs the right to mount a small file system (root)"))
  func aFullDiskLeavesNothingHalf() throws {
    let disk = try SmallDisk(size: "1m")
    let chunks = LocalChunks(folder: disk.path + "/chunks", temporary: disk.path)
    var random = SeededGenerator(seed: 4)
    let bytes = random.bytes(300_000)
    let name = bytes.withUnsafeBytes { SHA256Digest(of: $0) }
    disk.fill(leaving: 100_000)
    #expect {
      try bytes.withUnsafeBytes { try chunks.putIfAbsent(name, $0) }
    } throws: {
      "\($0)".contains("No space left") && !"\($0)".contains("\n")
    }
    #expect(try chunks.list().isEmpty)
    #expect(try DurableFile.names(in: disk.path).filter { $0.hasPrefix("object") }.isEmpty)
    try disk.empty()
    #expect(try bytes.withUnsafeBytes { try chunks.putIfAbsent(name, $0) })
    #expect(try chunks.get(name, range: 0..<bytes.count) == bytes)
  }
}
