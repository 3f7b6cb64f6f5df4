import Foundation
import MemoryTables
import Storage

/// Rows over HTTP beside the same rows gathered in this process.
struct ServeBench {
  let table: Table
  let socketPath: String
  let seconds: Double
  let report: BenchReport

  /// Rows a call, and clients at once.
  static let sizes = [64, 1024, 16_384]
  static let clients = [1, 4, 16]

  /// Rows of all batches of a size: more than a processor's caches hold.
  private static let rowsInTurn = 1 << 18

  /// Measures all sizes with all numbers of clients.
  func run() throws {
    let bar = ProgressBar("asking")
    defer { bar.clear() }
    var done = 0
    for rows in Self.sizes {
      let batches = try ServeBenchBatches(
        table: table, path: Self.encoded(table.manifest.name), rows: rows,
        count: max(4, Self.rowsInTurn / rows), seed: UInt64(rows))
      for clients in Self.clients {
        try bar.update(done, Self.sizes.count * Self.clients.count)
        let load = ServeBenchLoad(batches: batches, clients: clients)
        // In turns of half the time each, so that a machine that slows down slows both.
        var here: [ServeBenchLoad.Figures] = []
        var there: [ServeBenchLoad.Figures] = []
        for _ in 0..<2 {
          here.append(try load.measure(seconds: seconds / 4) { try gathering(batches) })
          there.append(try load.measure(seconds: seconds / 2) { try asking(batches) })
        }
        bar.clear()
        print(rows: rows, clients: clients, here: here, there: there)
        done += 1
      }
    }
  }

  /// A client of the service.
  private func asking(_ batches: ServeBenchBatches) throws -> ServeBenchLoad.Work {
    let connection = try ServeBenchConnection(
      socketPath: socketPath, answerBytes: batches.answerBytes)
    return { batch, isChecked in
      let start = DispatchTime.now().uptimeNanoseconds
      let answer = try connection.ask(batches.request(batch))
      let time = DispatchTime.now().uptimeNanoseconds - start
      let isRight =
        isChecked ? batches.isRight(answer, of: batch) : answer.count == batches.answerBytes
      return ServeBenchAnswer(nanoseconds: time, isRight: isRight)
    }
  }

  /// The same without a service.
  private func gathering(_ batches: ServeBenchBatches) throws -> ServeBenchLoad.Work {
    let buffer = ServeBenchBuffer(bytes: batches.answerBytes)
    return { batch, isChecked in
      let start = DispatchTime.now().uptimeNanoseconds
      try batches.gather(batch, from: table, into: buffer.bytes)
      let time = DispatchTime.now().uptimeNanoseconds - start
      let isRight = !isChecked || batches.isRight(UnsafeRawBufferPointer(buffer.bytes), of: batch)
      return ServeBenchAnswer(nanoseconds: time, isRight: isRight)
    }
  }

  private func print(
    rows: Int, clients: Int, here: [ServeBenchLoad.Figures], there: [ServeBenchLoad.Figures]
  ) {
    let what = "\(rows) rows a call, \(clients) client\(clients == 1 ? "" : "s")"
    func median(
      _ figures: [ServeBenchLoad.Figures], _ of: KeyPath<ServeBenchLoad.Figures, Double>
    )
      -> Double
    { Measure.median(figures.map { $0[keyPath: of] }) }
    func line(_ name: String, _ value: Double, _ unit: String, beside: Double? = nil) {
      report.print(
        BenchLine(
          bench: "serve", what: "\(what): \(name)", value: value, unit: unit,
          against: beside.map { _ in "gathered in this process" }, ratio: beside.map { value / $0 })
      )
    }
    line("gathered in this process", median(here, \.rate), "rows/s")
    line("served", median(there, \.rate), "rows/s", beside: median(here, \.rate))
    line("gathered in this process, p50", median(here, \.p50), "ms")
    line("served, p50", median(there, \.p50), "ms", beside: median(here, \.p50))
    line("served, p99", median(there, \.p99), "ms", beside: median(here, \.p99))
  }

  /// A name as one segment of a path.
  private static func encoded(_ name: String) -> String {
    name.addingPercentEncoding(
      withAllowedCharacters: .init(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"))
      ?? name
  }
}

/// Memory for the rows of an answer.
private final class ServeBenchBuffer {
  let bytes: UnsafeMutableRawBufferPointer

  init(bytes count: Int) {
    bytes = .allocate(byteCount: count, alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { bytes.deallocate() }
}
