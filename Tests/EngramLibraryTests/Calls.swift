import CEngram
// The functions of the header are in this target.
@_exported import EngramLibrary
import Foundation
import TestStores

/// What a failed call said.
var lastError: String { String(cString: engram_last_error()) }

/// The name of a status.
func name(_ status: engram_status) -> String { String(cString: engram_status_name(status)) }

/// A status that was not expected.
struct Unexpected: Error, CustomStringConvertible {
  let description: String
}

/// Makes sure that a call did what it says.
func check(_ status: engram_status) throws {
  guard Int(status) == ENGRAM_OK else {
    throw Unexpected(description: "\(name(status)): \(lastError)")
  }
}

/// What a call that gives a text gave, as JSON.
func json(_ call: (UnsafeMutablePointer<engram_text>) -> engram_status) throws -> [String: Any] {
  var text = engram_text()
  try check(call(&text))
  defer { engram_text_free(&text) }
  let bytes = Data(bytes: try given(text.bytes), count: text.count)
  guard try given(text.bytes)[text.count] == 0 else {
    throw Unexpected(description: "no zero byte")
  }
  return try given(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
}

func given<Value>(_ value: Value?) throws -> Value {
  guard let value else { throw Unexpected(description: "nothing was given") }
  return value
}

/// A store that is open, and its folder.
final class OpenStore {
  let made: ServedStore
  let handle: engram_store

  init() throws {
    made = try ServedStore()
    var handle: engram_store = 0
    try check(engram_store_open(made.path, &handle))
    self.handle = handle
  }

  deinit { _ = engram_store_close(handle) }

  func table(_ reference: String) throws -> engram_table {
    var table: engram_table = 0
    try check(engram_table_open(handle, reference, &table))
    return table
  }

  func dataset(_ reference: String) throws -> engram_dataset {
    var dataset: engram_dataset = 0
    try check(engram_dataset_open(handle, reference, &dataset))
    return dataset
  }
}
