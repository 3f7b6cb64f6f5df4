import FuzzDriver
import RankingMeasures

/// Reads the fuzzer's bytes, up to the first NUL, as a file of judgments, and the rest as a run, and
/// measures the one by the other. What is written of the run is read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRun(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let middle = bytes.firstIndex(of: 0) ?? bytes.count
  let qrels = read { try Qrels(parsing: Array(bytes[..<middle]), file: "qrels") } ?? Qrels()
  let run = Array(bytes[middle...].dropFirst())
  guard let rankings = read({ try RunFile.rankings(parsing: run, file: "run") }) else { return 0 }
  let evaluation = Evaluation(of: rankings, by: qrels)
  for measure in RankingMeasure.standard {
    precondition((0...1.000001).contains(evaluation.mean(measure)), "\(measure) is not 0 to 1")
  }
  let writer = RunWriter(tag: "fuzz")
  // Ids that are written otherwise than they were read may become alike.
  guard
    !rankings.contains(where: { ranking in
      RunWriter.field(ranking.question) != ranking.question
        || ranking.documents.contains { RunWriter.field($0.name) != $0.name }
    })
  else { return 0 }
  let lines = rankings.map(writer.lines(of:)).joined()
  let again = read { try RunFile.rankings(parsing: Array(lines.utf8), file: "again") }
  precondition(
    again?.map { $0.documents.map(\.name) } == rankings.map { $0.documents.map(\.name) },
    "not the same after writing")
  return 0
}

private func read<Value>(_ body: () throws -> Value) -> Value? {
  do { return try body() } catch {
    precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
    return nil
  }
}

/// The program's entry.
@_cdecl("FuzzRun_main")
public func fuzzRunMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzRun)
}
