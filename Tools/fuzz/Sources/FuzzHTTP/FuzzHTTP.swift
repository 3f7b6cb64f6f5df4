import Foundation
import FuzzDriver
import Service

/// Sends the fuzzer's bytes to a service as one connection's, and reads what comes back until it is
/// closed: answers, each with a status that is not the service's own fault.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let answer = HTTPSeed.ask(UnsafeRawBufferPointer(start: start, count: count))
  guard !answer.isEmpty else { return 0 }
  precondition(answer.starts(with: "HTTP/1.1 ".utf8), "no answer of HTTP")
  let status = Int(String(decoding: answer.dropFirst(9).prefix(3), as: UTF8.self)) ?? 0
  precondition(status >= 200 && status != 500, "answered with \(status)")
  return 0
}

/// The program's entry.
@_cdecl("FuzzHTTP_main")
public func fuzzHTTPMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzHTTP)
}
