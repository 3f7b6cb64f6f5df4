import Foundation

@testable import Safetensors

/// A file's bytes from a header and data, nothing checked.
func fileBytes(_ header: String, data: [UInt8] = []) -> [UInt8] {
  fileBytes(Array(header.utf8), data: data)
}

func fileBytes(_ header: [UInt8], data: [UInt8] = []) -> [UInt8] {
  let length = UInt64(header.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header + data
}

/// The error that opening these bytes ends in, `nil` if they open.
func errorOfOpening(_ bytes: [UInt8]) -> SafetensorsError? {
  do {
    _ = try SafetensorsFile(bytes: bytes, name: "f")
    return nil
  } catch { return error }
}

/// The error for a header with `count` zero bytes of data.
func errorOfHeader(_ header: String, data count: Int = 0) -> SafetensorsError? {
  errorOfOpening(fileBytes(header, data: [UInt8](repeating: 0, count: count)))
}

/// A folder that is gone after `body`.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = NSTemporaryDirectory() + "/safetensors-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}
