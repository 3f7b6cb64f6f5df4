import CBenchPeers
import Files
import Foundation
import MemoryTables
import SeededRandom
import Storage

/// A table and a flat file of the same rows, and what it takes to read them.
struct MemoryBench {
  let folder: String
  let rows: Int
  let rowBytes = 264
  let dimension = 256
  let batch: Int
  let report: BenchReport

  var flatPath: String { folder + "/flat.bin" }
  private var storePath: String { folder + "/store" }
  static let name = "bench"

  // MARK: - Making

  /// Writes the flat file and publishes the table, unless both are there already.
  func prepare() throws {
    try DurableFile.createFolder(folder)
    if DurableFile.size(of: flatPath) != rows * rowBytes { try writeFlat() }
    if let table = try? open(), table.manifest.rows == rows { return }
    try DurableFile.remove(storePath)
    try Self.publish(rows: rows, dimension: dimension, rowBytes: rowBytes, in: storePath)
  }

  static func publish(rows: Int, dimension: Int, rowBytes: Int, in storePath: String) throws {
    let store = try Store(path: storePath, mode: .writing)
    let bar = ProgressBar("making \(ByteCount.text(rows * rowBytes))")
    defer { bar.clear() }
    _ = try TableWriter(store: store).publish([
      (
        TableDraft(
          name: name, rows: rows, dimension: dimension, codec: .fp8E4M3ScaledBy32,
          source: .init(kind: "rows")),
        SyntheticRows(rowBytes: rowBytes)
      )
    ]) { try bar.update($0, $1) }
  }

  private func writeFlat() throws {
    let source = SyntheticRows(rowBytes: rowBytes)
    let writer = try FileWriter(creating: flatPath)
    let piece = 16_384
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: piece * rowBytes, alignment: 64)
    defer { buffer.deallocate() }
    let bar = ProgressBar("writing the flat file")
    defer { bar.clear() }
    for start in stride(from: 0, to: rows, by: piece) {
      let end = min(rows, start + piece)
      try source.copyRows(start..<end, into: buffer.baseAddress!, stride: rowBytes)
      try writer.append(UnsafeRawBufferPointer(rebasing: buffer[..<((end - start) * rowBytes)]))
      try bar.update(end, rows)
    }
    try writer.finish()
  }

  private func open(
    _ verification: Table.Verification = .always, access: Table.Access = .mapped
  ) throws -> Table {
    try Table(
      TableReference(name: Self.name), in: Store(path: storePath, mode: .reading), access: access,
      verification: verification)
  }

  private func randomRows(_ count: Int, seed: UInt64) -> [Int64] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Int64.random(in: 0..<Int64(rows), using: &generator) }
  }

  // MARK: - Warm

  /// All candidates read the same rows, one whole pass each before the next begins; a pass is
  /// larger than the processor's caches, so that none finds what another left there.
  func warm(rounds: Int) throws {
    let passes = max(1, min(2_000_000, rows) / batch)
    let ids = randomRows(passes * batch, seed: 7)
    // Both come into the page cache the same way: how large its pieces are shows in the figures.
    for file in try dataFiles() + [flatPath] { try Self.readIntoCache(file) }
    let flat = try MappedFile(path: flatPath, access: .random)
    let checked = try open()
    let unchecked = try open(.never)
    let database = try open(.never, access: .database)
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: batch * dimension * 4 + batch * rowBytes, alignment: 64)
    defer { bytes.deallocate() }
    Self.touch(flat)
    try touch(checked)
    let out = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    let base = flat.bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    let floats = UnsafeMutableBufferPointer(
      start: bytes.baseAddress!.assumingMemoryBound(to: Float.self), count: batch * dimension)
    let halves = UnsafeMutableBufferPointer(
      start: bytes.baseAddress!.assumingMemoryBound(to: UInt16.self), count: batch * dimension)
    func pass(
      _ name: String, _ body: @escaping (UnsafeBufferPointer<Int64>) throws -> Void
    ) -> Measure.Candidate {
      .init(name: name) {
        try ids.withUnsafeBufferPointer { ids in
          for start in stride(from: 0, to: ids.count, by: batch) {
            try body(UnsafeBufferPointer(rebasing: ids[start..<(start + batch)]))
          }
        }
      }
    }
    let candidates = [
      pass("flat mmap + memcpy") {
        engram_peer_flat_gather(base, $0.baseAddress!, $0.count, rowBytes, out)
      },
      pass("flat mmap + memcpy, software prefetch") {
        engram_peer_flat_gather_prefetch(base, $0.baseAddress!, $0.count, rowBytes, out)
      },
      pass("gather, unchecked") { try unchecked.gather($0, into: bytes) },
      pass("gather, every row checked") { try checked.gather($0, into: bytes) },
      pass("gather to bf16, every row checked") { try checked.gather($0, bfloat16Into: halves) },
      pass("gather to f32, every row checked") { try checked.gather($0, decodedInto: floats) },
    ]
    let medians = try Measure.medians(candidates, rounds: rounds)
    for (candidate, seconds) in zip(candidates, medians) {
      let isPeer = candidate.name.hasPrefix("flat")
      report.print(
        BenchLine(
          bench: "memory", what: "warm: " + candidate.name,
          value: seconds / Double(ids.count) * 1e9, unit: "ns/row",
          against: isPeer ? nil : candidates[0].name, ratio: isPeer ? nil : seconds / medians[0]))
    }
    let few = Array(ids.prefix(batch))
    let pinned = try Measure.medians(
      [
        .init(name: "RocksDB") {
          try few.withUnsafeBufferPointer { try database.gather($0, into: bytes) }
        }
      ], rounds: 3)[0]
    report.print(
      BenchLine(
        bench: "memory", what: "warm: through RocksDB's get_pinned",
        value: pinned / Double(few.count) * 1e9, unit: "ns/row", against: candidates[0].name,
        ratio: pinned / Double(few.count) / (medians[0] / Double(ids.count))))
    withExtendedLifetime(flat) {}
  }

  /// Brings a file into the page cache anew, from its start to its end.
  static func readIntoCache(_ path: String) throws {
    Measure.dropFromCache(path)
    touch(try MappedFile(path: path, access: .sequential))
  }

  private static func touch(_ file: MappedFile) {
    var sum = 0
    for place in stride(from: 0, to: file.count, by: 4096) { sum &+= Int(file.bytes[place]) }
    precondition(sum >= 0)
  }

  private func touch(_ table: Table) throws {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096 * rowBytes, alignment: 64)
    defer { bytes.deallocate() }
    for start in stride(from: 0, to: Int64(rows), by: 4096) {
      try Array(start..<min(Int64(rows), start + 4096)).withUnsafeBufferPointer {
        try table.gather($0, into: bytes)
      }
    }
  }

  // MARK: - Cold

  /// Rows read right after the page cache was dropped, beside `fio` with as many random reads
  /// of 4 KiB at depth 64 from the same files.
  func cold(rounds: Int) throws {
    let files = try dataFiles()
    let ids = randomRows(batch, seed: 11)
    let single = Array(ids.prefix(1000))
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: batch * rowBytes, alignment: 64)
    defer { bytes.deallocate() }
    func timed(_ body: (Table) throws -> Void) throws -> Double {
      for file in files { Measure.dropFromCache(file) }
      let table = try open()
      return try Measure.seconds { try body(table) }
    }
    var gathers: [Double] = []
    var singles: [Double] = []
    var peers: [Double] = []
    for round in 0..<rounds {
      let batchIDs = randomRows(batch, seed: 11 + UInt64(round))
      gathers.append(
        Double(batch)
          / (try timed { table in
            try batchIDs.withUnsafeBufferPointer { try table.gather($0, into: bytes) }
          }))
      singles.append(
        Double(single.count)
          / (try timed { table in
            for id in single {
              try [id].withUnsafeBufferPointer { try table.gather($0, into: bytes) }
            }
          }))
      if let rate = try Self.fio(files, reads: batch, seed: round) { peers.append(rate) }
    }
    let one = Measure.median(singles)
    let all = Measure.median(gathers)
    report.print(
      BenchLine(
        bench: "memory", what: "cold: one row at a time", value: one, unit: "rows/s",
        against: nil, ratio: nil))
    report.print(
      BenchLine(
        bench: "memory", what: "cold: gather of \(batch) rows", value: all, unit: "rows/s",
        against: "one row at a time", ratio: all / one))
    guard !peers.isEmpty else {
      StandardStreams.note("fio is not installed: cold reads were not compared with it")
      return
    }
    let peer = Measure.median(peers)
    report.print(
      BenchLine(
        bench: "memory", what: "cold: fio, 4 KiB random reads, depth 64", value: peer,
        unit: "reads/s", against: nil, ratio: nil))
    report.print(
      BenchLine(
        bench: "memory", what: "cold: gather of \(batch) rows, every row checked", value: all,
        unit: "rows/s", against: "fio at depth 64", ratio: all / peer))
  }

  private func dataFiles() throws -> [String] {
    let folder = try open().folder + "/db"
    return try DurableFile.names(in: folder).filter { $0.hasSuffix(".sst") }.map {
      folder + "/" + $0
    }
  }

  /// Random reads of 4 KiB a second, as `fio` makes them; nil where it is not installed.
  static func fio(_ files: [String], reads: Int, seed: Int) throws -> Double? {
    struct Output: Decodable {
      struct Job: Decodable {
        struct Read: Decodable { var iops: Double }
        var read: Read
      }
      var jobs: [Job]
    }
    for file in files { Measure.dropFromCache(file) }
    guard
      let result = try? ChildProcess.run([
        "fio", "--name=rows", "--filename=" + files.joined(separator: ":"), "--readonly",
        "--rw=randread", "--bs=4k", "--ioengine=io_uring", "--iodepth=64", "--direct=1",
        "--file_service_type=random", "--number_ios=\(reads)", "--randseed=\(seed + 1)",
        "--output-format=json",
      ]), result.status == 0, let start = result.output.firstIndex(of: "{")
    else { return nil }
    return try? JSONDecoder().decode(Output.self, from: Data(result.output[start...].utf8))
      .jobs.first?.read.iops
  }

  // MARK: - Opening

  /// Time and private memory of opening tables of several sizes.
  static func opening(sizes: [Int], folder: String, report: BenchReport) throws {
    let rowBytes = 264
    var first: (seconds: Double, bytes: Int)?
    for size in sizes {
      let path = folder + "/open-\(size)"
      let rows = size / rowBytes
      let reference = TableReference(name: name)
      if (try? Store(path: path, mode: .reading).publishedTable(reference)) == nil {
        try publish(rows: rows, dimension: 256, rowBytes: rowBytes, in: path)
      }
      _ = try Table(reference, in: Store(path: path, mode: .reading))  // warms what opening reads
      var times: [Double] = []
      var tableTimes: [Double] = []
      var memory: [Double] = []
      for _ in 0..<15 {
        let before = Measure.privateBytes()
        var table: Table?
        times.append(
          try Measure.seconds {
            let store = try Store(path: path, mode: .reading)
            tableTimes.append(try Measure.seconds { table = try Table(reference, in: store) })
          })
        memory.append(Double(Measure.privateBytes() - before))
        withExtendedLifetime(table) {}
      }
      let seconds = Measure.median(times)
      let bytes = Int(Measure.median(memory))
      let label = ByteCount.text(size)
      report.print(
        BenchLine(
          bench: "memory", what: "open store and table of \(label)", value: seconds * 1e3,
          unit: "ms", against: first.map { _ in ByteCount.text(sizes[0]) },
          ratio: first.map { seconds / $0.seconds }))
      report.print(
        BenchLine(
          bench: "memory", what: "of it, the table", value: Measure.median(tableTimes) * 1e3,
          unit: "ms", against: nil, ratio: nil))
      report.print(
        BenchLine(
          bench: "memory", what: "private memory of an open table of \(label)",
          value: Double(bytes) / 1e6, unit: "MB", against: nil, ratio: nil))
      if first == nil { first = (seconds, bytes) }
    }
  }
}
