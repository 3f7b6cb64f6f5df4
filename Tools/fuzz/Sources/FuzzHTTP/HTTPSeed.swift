import Addressing
import ContextStore
import Datasets
import Dispatch
import Files
import Foundation
import Logging
import MemoryTables
import Retrieval
import Samples
import Service
import Storage

/// A service of a small store with one of everything, on a socket of this process.
enum HTTPSeed {
  /// Sends a request's bytes and the end of them; gives the answer's first 64 KiB.
  static func ask(_ request: UnsafeRawBufferPointer) -> [UInt8] {
    let connection = connect()
    defer { close(connection) }
    var sent = 0
    while sent < request.count {
      let count = send(
        connection, request.baseAddress! + sent, request.count - sent, Int32(MSG_NOSIGNAL))
      // It may be closed before all of it was read.
      guard count > 0 else { break }
      sent += count
    }
    shutdown(connection, Int32(SHUT_WR))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return answer }
      if answer.count < 1 << 16 { answer += buffer[..<count] }
    }
  }

  private static func connect() -> Int32 {
    let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    precondition(result == 0, "the service does not accept: \(errno)")
    // Longer than any of the service's own limits here: what is cut off by it is seen as a hang.
    var limit = timeval(tv_sec: 8, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    return connection
  }

  /// Where it listens; started when first asked for.
  private static let path: String = {
    do { return try start() } catch { fatalError("no service: \(error)") }
  }()

  private static func start() throws -> String {
    let folder = "/dev/shm/engram-fuzz-http-\(getpid())"
    try? DurableFile.remove(folder)
    try DurableFile.createFolder(folder)
    try makeStore(folder + "/store")
    try makeContext(folder + "/context")
    var configuration = ServiceConfiguration(
      store: folder + "/store", listen: .unix(folder + "/socket"),
      logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() })
    configuration.context = .init(path: folder + "/context", capacityBytes: 16 << 20)
    configuration.limits.bodyBytes = 1 << 16
    configuration.limits.rows = 4096
    configuration.limits.headerTime = .seconds(1)
    configuration.limits.bodyTime = .seconds(1)
    configuration.limits.idleTime = .seconds(1)
    configuration.limits.requestTime = .seconds(3)
    configuration.limits.refreshTime = .seconds(3600)
    let service = try EngramService(configuration)
    let listens = DispatchSemaphore(value: 0)
    Task.detached {
      do {
        try await service.run { _ in listens.signal() }
        fatalError("the service has ended")
      } catch { fatalError("the service has ended: \(error)") }
    }
    listens.wait()
    // Where it is not removed in the end, memory is lost until the machine starts again.
    atexit { try? DurableFile.remove("/dev/shm/engram-fuzz-http-\(getpid())") }
    return folder + "/socket"
  }

  private static func makeStore(_ path: String) throws {
    let store = try Store(path: path, mode: .writing)
    let addressing = try Addressing(
      preset: "fuzz", layer: 1, bucketSizes: [[101, 103], [107, 109]],
      multipliers: [1_000_003, 2_000_003, 3_000_017], tokens: .raw(vocabularySize: 500),
      boundary: .segmentStart(padTokenID: 0))
    let hashed = TableDraft(
      name: "hashed", rows: 420, dimension: 32, codec: .bfloat16, addressing: addressing,
      source: .init(kind: "rows"))
    let exact = TableDraft(
      name: "exact", rows: 3, dimension: 32, codec: .float32,
      exact: ExactIndex(ngrams: NgramList([[1], [1, 2], [3]]), tokens: .raw(vocabulary: 20)),
      source: .init(kind: "vectors"))
    _ = try TableWriter(store: store, threads: 1).publish([
      (hashed, CountedRows(rowBytes: 64)), (exact, CountedRows(rowBytes: 128)),
    ])
    let writer = try DatasetWriter("docs", kind: .document, threads: 1, in: store)
    defer { writer.close() }
    for number in 0..<50 {
      var bytes: [UInt8] = []
      DocumentSample.append(
        metadata: "{\"id\":\"d\(number)\",\"n\":\(number)}".utf8,
        text: "row table \(number) page of memory".utf8, to: &bytes)
      _ = try bytes.withUnsafeBytes { try writer.append($0) }
    }
    _ = try writer.publish(
      message: "", source: .init(kind: "fuzz", inputs: []), tokenizer: nil)
    _ = try IndexBuilder(
      store: store, options: IndexOptions(passageTokens: 20),
      resources: .init(threads: 1, memory: 0)
    ).build(DatasetReference(name: "docs"), vectors: nil, isFresh: false)
  }

  /// A context store with a namespace of 8 bytes a token and four tokens a block, and one prompt.
  private static func makeContext(_ path: String) throws {
    let context = try ContextStore(
      path: path, mode: .writing, options: .init(capacityBytes: 16 << 20, log: { _ in }))
    defer { context.close() }
    let layout = ContextLayout(
      blockTokens: 4, groups: [ContextGroup(name: "g", layers: 1, rowBytes: 8)])
    let space = try context.space(
      ContextNamespace(model: "m", revision: "", tokenizer: "", salt: "", layout: layout))
    try [UInt8](repeating: 7, count: 64).withUnsafeBytes {
      _ = try space.putDurable(.tokens([1, 2, 3, 4, 5, 6, 7, 8]), range: 0..<2, parts: ["g": $0])
    }
  }

  private struct CountedRows: RowSource {
    var rowBytes: Int

    func copyRows(_ rows: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int) throws {
      for (index, row) in rows.enumerated() {
        (slots + index * stride).initializeMemory(
          as: UInt8.self, repeating: UInt8(truncatingIfNeeded: row) & 0x3F, count: rowBytes)
      }
    }
  }
}
