import Foundation
import FuzzDriver

@testable import ContextReplay

/// Reads the fuzzer's bytes as a trace of prompts. Every prompt is within bounds, and whatever is wrong
/// is one line that names the file.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTrace(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  precondition(file >= 0 && write(file, start, count) == count)
  close(file)
  do {
    let reader = try TraceReader(path: path)
    while let prompt = try reader.next() {
      precondition(prompt.tokens.count <= TraceReader.promptLimit, "a prompt of any length")
      precondition(prompt.tokens.allSatisfy { $0 >= 0 }, "a token that is none")
      precondition(prompt.time >= 0 && prompt.time <= 1e12, "a time that is none")
      for tokens in [1, 3, 64] {
        let keys = PromptKeys.keys(of: prompt.tokens, blockTokens: tokens)
        precondition(keys.count == prompt.tokens.count / tokens, "blocks without keys")
      }
    }
  } catch {
    precondition("\(error)".contains(path) && !"\(error)".contains("\n"), "not one line")
  }
  return 0
}

private let path = "/dev/shm/engram-fuzz-trace-\(getpid())"

/// The program's entry.
@_cdecl("FuzzTrace_main")
public func fuzzTraceMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzTrace)
}
