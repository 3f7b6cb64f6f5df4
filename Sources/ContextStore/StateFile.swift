import CKernels
import Files
import Foundation
import Storage
import StrictJSON

/// The file `state.json`: what a context store has to remember beside its segments. Two lines: JSON, and
/// the CRC32C of the first line in hexadecimal.
struct StateFile {
  var capacityBytes: Int
  var segmentBytes: Int
  /// The latest time that was seen, milliseconds since 1970: a clock that jumps back is not followed.
  var clock: UInt64
  var spaces: [KnownSpace]
  /// Numbers of the segments that are written now.
  var writing: [UInt64] = []
  /// Salts of the segments that have a list of dead blocks: without it what was cleared would come back.
  var cleared: [UInt64] = []

  static func path(_ folder: String) -> String { folder + "/state.json" }

  private struct Record: Codable {
    struct Space: Codable {
      let description: String
      let lifetimes: [String: Double]
    }
    let capacityBytes: Int
    let segmentBytes: Int
    let clock: UInt64
    let spaces: [Space]
    let writing: [UInt64]
    let cleared: [UInt64]?

    enum CodingKeys: String, CodingKey {
      case clock, spaces, writing, cleared
      case capacityBytes = "capacity_bytes"
      case segmentBytes = "segment_bytes"
    }
  }

  /// Writes it, so that a crash leaves the old one or the new one.
  func write(to folder: String) throws {
    let record = Record(
      capacityBytes: capacityBytes, segmentBytes: segmentBytes, clock: clock,
      spaces: spaces.sorted { $0.namespace.id < $1.namespace.id }.map {
        Record.Space(
          description: String(decoding: $0.namespace.json, as: UTF8.self),
          lifetimes: $0.lifetimes)
      },
      writing: writing.sorted(), cleared: cleared.isEmpty ? nil : cleared.sorted())
    let line = try CanonicalJSON.encode(record)
    let sum = line.withUnsafeBytes { engram_crc32c(0, $0.baseAddress, $0.count) }
    try DurableFile.write(
      String(decoding: line, as: UTF8.self) + "\n" + String(sum, radix: 16) + "\n",
      to: Self.path(folder))
  }

  enum Found {
    case none
    case damaged
    case state(StateFile)
  }

  /// Reads it.
  static func read(_ folder: String) throws(FileError) -> Found {
    guard DurableFile.size(of: path(folder)) != nil else { return .none }
    let bytes = try DurableFile.read(path(folder), limit: 1 << 28)
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // Nothing lies behind the second line's end.
    guard lines.count == 3, lines[2].isEmpty else { return .damaged }
    let sum = Array(lines[0]).withUnsafeBytes { engram_crc32c(0, $0.baseAddress, $0.count) }
    guard String(decoding: lines[1], as: UTF8.self) == String(sum, radix: 16),
      let record = try? JSONDecoder().decode(Record.self, from: Data(lines[0]))
    else { return .damaged }
    var spaces: [KnownSpace] = []
    for space in record.spaces {
      guard let namespace = try? ContextNamespace(json: space.description.utf8),
        space.lifetimes.values.allSatisfy(ContextSpace.isLifetime)
      else { return .damaged }
      spaces.append(KnownSpace(namespace: namespace, lifetimes: space.lifetimes))
    }
    return .state(
      StateFile(
        capacityBytes: record.capacityBytes, segmentBytes: record.segmentBytes,
        clock: record.clock, spaces: spaces, writing: record.writing,
        cleared: record.cleared ?? []))
  }
}
