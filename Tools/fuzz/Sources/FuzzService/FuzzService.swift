import Foundation
import FuzzDriver
import HTTPTypes
import NIOCore
import Serving

@testable import Service

/// Reads the fuzzer's bytes as a request: the first says which, then, up to a line's end, its query or
/// header, and the rest is its body. Whatever it is, it is refused as the client's fault, in one line,
/// or it is answered.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzService(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: start, count: count)
  guard let kind = bytes.first else { return 0 }
  let head = bytes.dropFirst().prefix { $0 != 10 }
  let line = String(decoding: head, as: UTF8.self)
  let body = bytes.dropFirst(head.count + 2)
  let json = Data(body)
  switch kind {
  case UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "e"):
    mustBeRefusedOrAnswered { try askForRows(line, Array(body), of: kind) }
  case UInt8(ascii: "o"):
    mustBeRefusedOrAnswered {
      let order = try JSONBody.decode(OrderBody.self, from: json)
      let positions = try order.positions(of: 1000)
      precondition((0...OrderBody.mostPositions).contains(positions), "\(positions) positions")
    }
  case UInt8(ascii: "q"):
    mustBeRefusedOrAnswered { _ = try JSONBody.decode(QueryBody.self, from: json) }
  case UInt8(ascii: "x"):
    mustBeRefusedOrAnswered { _ = try JSONBody.decode(ExplainBody.self, from: json) }
  case UInt8(ascii: "s"):
    mustBeRefusedOrAnswered { _ = try JSONBody.decode(SamplesBody.self, from: json) }
  default:
    _ = JSONRequests.isJSON(line)
    _ = JSONRequests.accepts("application/octet-stream", in: line)
    _ = line.removingPercentEncoding
    precondition(token.isIn(header: line) || line != "Bearer " + secret, "refused: \(line)")
    precondition(!token.isIn(header: line) || line.hasSuffix(secret), "let in: \(line)")
    mustBeRefusedOrAnswered { _ = try ListenAddress(parsing: line) }
  }
  return 0
}

private let secret = "a-token-of-the-fuzzer"
private let token = orDie { try ServiceToken(secret) }

/// What the fuzzer cannot go on without.
func orDie<R>(_ make: () throws -> R) -> R {
  do { return try make() } catch { fatalError("\(error)") }
}

private func mustBeRefusedOrAnswered(_ body: () throws -> Void) {
  do { try body() } catch is ConfigurationError {
    // Of a command's options, not of a request.
  } catch {
    let answer = ErrorAnswer(error)
    precondition((400..<500).contains(answer.status.code), "\(answer.status): \(error)")
    precondition(!answer.message.isEmpty && !answer.message.contains("\n"), "not one line")
    precondition(!answer.json.isEmpty, "no body")
  }
}

/// What `POST /v1/tables/{name}/rows` does with a query and a body.
private func askForRows(_ line: String, _ bytes: [UInt8], of kind: UInt8) throws {
  let query = try RowsQuery(line, knowing: RowsQuery.Parameter.allCases)
  let table = kind == UInt8(ascii: "e") ? FuzzTables.exact : FuzzTables.hashed
  var limits = ServiceLimits()
  limits.rows = 4096
  let size = try query.size(ofBody: bytes.count, of: table, limits: limits)
  precondition(size.rows <= limits.rows, "\(size.rows) rows")
  // From an odd address, too, as bodies may lie behind a head.
  var buffer = ByteBuffer(bytes: [UInt8(0)] + bytes)
  buffer.moveReaderIndex(forwardBy: 1)
  let rows = try query.rows(in: buffer, of: table, size: size)
  precondition(rows.count == size.rows, "\(rows.count) rows of \(size.rows)")
  try rows.withRows(0..<rows.count) { ids in
    let out = UnsafeMutableRawBufferPointer.allocate(
      byteCount: size.rows * table.rowBytes(query.format), alignment: 64)
    defer { out.deallocate() }
    try table.gather(ids, as: query.format, missingAsZero: query.missingAsZero, into: out)
  }
}

/// The program's entry.
@_cdecl("FuzzService_main")
public func fuzzServiceMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzService)
}
