import FuzzDriver
import Questions
import Terms

/// Reads the fuzzer's bytes as a person's question, and their lines as conditions, and makes terms
/// of the words.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzQuestion(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: start, count: count)
  let text = String(decoding: bytes, as: UTF8.self)
  mustBeOneLine {
    let question = try Question(parsing: text)
    precondition(!question.text.isEmpty, "a question without a text")
    for part in [question.text] + question.phrases {
      for analyzer in analyzers {
        for place in analyzer.places(in: part) {
          precondition(place.range.upperBound <= part.utf8.count, "a term outside of the text")
          precondition(place.term.count <= 64, "a term of \(place.term.count) bytes")
        }
      }
    }
  }
  for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
    mustBeOneLine {
      let condition = try Condition(parsing: String(line))
      precondition(!condition.field.isEmpty, "a condition on no field")
    }
  }
  return 0
}

private let analyzers = [try? Analyzer(), try? Analyzer(stem: "en")].compactMap { $0 }

private func mustBeOneLine(_ body: () throws -> Void) {
  do { try body() } catch {
    precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
  }
}

/// The program's entry.
@_cdecl("FuzzQuestion_main")
public func fuzzQuestionMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzQuestion)
}
