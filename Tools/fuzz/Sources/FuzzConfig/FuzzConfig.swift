import Addressing
import Foundation
import FuzzDriver

/// Reads the fuzzer's bytes as a model's config.json and makes tables of it. It is refused in one line,
/// or every table comes back from its own description.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConfig(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Data(UnsafeBufferPointer(start: start, count: count))
  let object = try? JSONSerialization.jsonObject(with: bytes)
  if let config = object as? [String: Any] {
    do {
      for table in try Addressing.layers(fromConfig: config) {
        precondition(table.rowCount > 0, "no rows")
        let again = try? JSONDecoder().decode(Addressing.self, from: JSONEncoder().encode(table))
        precondition(again == table, "a description that is another table's")
      }
    } catch {
      precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
    }
  }
  // The same bytes as the description itself, as a manifest holds it.
  if let table = try? JSONDecoder().decode(Addressing.self, from: bytes) {
    precondition(table.rowCount > 0 && table.columns > 0, "no rows")
  }
  return 0
}

/// The program's entry.
@_cdecl("FuzzConfig_main")
public func fuzzConfigMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzConfig)
}
